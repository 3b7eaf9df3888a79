"""Reports of studies: words, tables, charts and heat maps as plain values, and the one self-contained page they are drawn on."""

from vaglio.report.study.blocks import Block, Cell, Charts, Column, Fact, HeatMap, Row, Section, Study, Table
from vaglio.report.study.charts import Axis, Chart, Line, chart
from vaglio.report.study.page import study_page, write_study

__all__ = [
    "Axis",
    "Block",
    "Cell",
    "Chart",
    "Charts",
    "Column",
    "Fact",
    "HeatMap",
    "Line",
    "Row",
    "Section",
    "Study",
    "Table",
    "chart",
    "study_page",
    "write_study",
]
