"""One person across everything that is stored: giving out what is known of them, and erasing it."""
