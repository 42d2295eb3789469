/** Lines over contexts, both axes in powers, drawn by uPlot. */
import { html, useEffect, useRef } from './vendor/htm-preact.js';
import UPlot from './vendor/uplot.js';
import { colour, useSurroundings } from './drawing.js';
import { tokens } from './figures.js';

const HEIGHT = 240;
const LOGARITHMIC = 3; // uPlot's number for it

function ink(name) {
  return `rgb(${colour(name).join(' ')})`;
}

function axis(show, size) {
  return {
    stroke: ink('--muted'),
    grid: { stroke: ink('--line'), width: 1 },
    ticks: { stroke: ink('--line'), width: 1 },
    font: '11px system-ui',
    size,
    values: (plot, splits) => splits.map((value) => (value === null ? '' : show(value))),
  };
}

/** A dashed line at the context that is asked for. */
function marker(at) {
  return (plot) => {
    const x = plot.valToPos(at, 'x', true);
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.strokeStyle = ink('--muted');
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  };
}

function options({ lines, at, kind, width }) {
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: LOGARITHMIC, log: 2 },
      y: { distr: LOGARITHMIC, log: kind.base },
    },
    axes: [axis(tokens, 36), axis(kind.show, 72)],
    series: [{}, ...lines.map((line, i) => ({
      label: line.name,
      stroke: ink(`--line-${i + 1}`),
      width: line.own ? 3 : 1.5,
      points: { show: false },
    }))],
    hooks: { draw: [marker(at)] },
  };
}

/**
 * @param {{contexts: number[], lines: object[], at: number, kind: object}} props
 */
export function Curves({ contexts, lines, at, kind }) {
  const place = useRef(null);
  const { width, theme } = useSurroundings(place);
  useEffect(() => {
    if (width === 0) {
      return undefined;
    }
    const data = [contexts, ...lines.map((line) => line.values)];
    const plot = new UPlot(options({ lines, at, kind, width }), data, place.current);
    return () => plot.destroy();
  }, [width, theme, kind, at, JSON.stringify(lines)]);
  return html`<figure class="curves"><div ref=${place} role="img" data-drawn="curves"
    aria-label=${`${kind.says}: ${lines.map((line) => line.name).join(', ')}`}></div>
    <figcaption>${kind.says}</figcaption></figure>`;
}
