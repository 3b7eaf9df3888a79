"""How dark a cell of the matrix is drawn: 0 for nothing, up to ``HEATS``; stylesheets have a colour for each."""

HEATS = 8
