"""Reading files and rows, without Django."""
