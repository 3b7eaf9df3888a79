// The score over time: a step per score that was given, and a mark per activity. Loaded by the page that draws it: it is most of all script.
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

echarts.use([LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function drawAll() {
  for (const place of document.querySelectorAll("[data-chart]")) draw(place, JSON.parse(document.getElementById(place.dataset.chart).textContent));
}

function draw(place, { scores, activities, words }) {
  echarts.getInstanceByDom(place)?.dispose();
  const chart = echarts.init(place);
  const now = new Date().toISOString();
  const line = (column) => [...scores.map((row) => [row[0], row[column], row[3]]), [now, scores.at(-1)[column], scores.at(-1)[3]]];
  const soft = colour("--soft");
  const dots = { showSymbol: scores.length < 60, symbol: "circle", symbolSize: 4 };
  chart.setOption({
    animation: false,
    textStyle: { fontFamily: "inherit", color: soft },
    grid: { left: 44, right: 16, top: 36, bottom: 28 },
    legend: { top: 0, left: 0, icon: "roundRect", itemWidth: 12, itemHeight: 3, textStyle: { color: soft } },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: colour("--surface"), borderColor: colour("--line"), textStyle: { color: colour("--ink") },
      formatter: (items) => [new Date(items[0].axisValue).toLocaleString(), ...items.map((item) => item.seriesIndex < 2 ? `${item.seriesName} ${item.value[1]}${item.value[2] ? ` (${item.value[2]})` : ""}` : item.value[2])].join("\n") },
    xAxis: { type: "time", axisLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: soft, hideOverlap: true } },
    yAxis: { type: "value", splitLine: { lineStyle: { color: colour("--line") } }, axisLabel: { color: soft } },
    series: [
      { name: words.fit, type: "line", step: "end", ...dots, data: line(1), color: colour("--fit"), lineStyle: { width: 2, type: "dashed" } },
      { name: words.engagement, type: "line", step: "end", ...dots, data: line(2), color: colour("--accent"), lineStyle: { width: 2 }, areaStyle: { opacity: 0.08 } },
      { name: words.activity, type: "scatter", symbol: "rect", symbolSize: [1.5, 9], data: activities.map(([at, title]) => [at, 0, title]), color: soft },
    ],
  });
  new ResizeObserver(() => chart.resize()).observe(place);
}

document.addEventListener("vaglio:theme", drawAll);
drawAll();
