// Draws the idea behind every rung of `heddle pi`: points at random in a square, the circle in it, and how the estimate of π closes in
// as points arrive. Prints an SVG that is the same every time and carries its own colours for light and dark:
//   node dist/examples/01-pi-picture.js > docs/lesson/figures/pi.svg

const pointCount = 1500;

// Park and Miller's generator, so that the picture does not change from one drawing to the next as Math.random() would.
let state = 2026;
const draw = (): number => (state = (48271 * state) % 2147483647) / 2147483647;

// Left: the square, one unit being 180 pixels. Rounded before it is judged, so that what is drawn is what is counted.
const [centreX, centreY, unit] = [228, 220, 180];
const place = (u: number): number => Math.round((2 * u - 1) * unit * 10) / 10;
const [inside, outside]: [string[], string[]] = [[], []];
const estimates: number[] = [];
for (let n = 1; n <= pointCount; n++) {
  const x = place(draw());
  const y = place(draw());
  (x ** 2 + y ** 2 < unit ** 2 ? inside : outside).push(`M${x} ${y}h0`);
  estimates.push((4 * inside.length) / n);
}

// Right: the estimate after 10 points, 11, 12 …, on an axis where every step to the right is as many times more points.
const [left, right, middle, perUnit] = [500, 836, 292, 150];
const toX = (n: number): number => left + ((right - left) * Math.log(n / 10)) / Math.log(pointCount / 10);
const toY = (estimate: number): number => middle - perUnit * (estimate - Math.PI);
const pointAt = (n: number, estimate: number): string => `${toX(n).toFixed(1)} ${toY(estimate).toFixed(1)}`;
const steps = Array.from({ length: 161 }, (_, i) => Math.round(10 * (pointCount / 10) ** (i / 160)));
const standardError = (n: number): number => Math.sqrt((Math.PI * (4 - Math.PI)) / n);
const upperEdge = steps.map((n) => pointAt(n, Math.PI + standardError(n)));
const lowerEdge = steps.map((n) => pointAt(n, Math.PI - standardError(n))).toReversed();
const walk = steps.map((n) => pointAt(n, estimates[n - 1]!));

const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const estimate = estimates.at(-1)!.toFixed(3);

console.log(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 456" role="img" aria-labelledby="title description">
<title id="title">π from points in a square</title>
<desc id="description">${count(pointCount)} points lie at random in a square; ${count(inside.length)} of them fall inside its circle, so π is about ${estimate}. Beside it, the estimate settles on π as points arrive.</desc>
<style>
  svg { --paper: #fdfcf9; --edge: #e4dfd3; --ink: #24292f; --soft: #59636e; --in: #0f766e; --out: #c2500c; --tint: #0f766e14; --band: #0f766e24 }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #15191f; --edge: #2d343d; --ink: #e9edf1; --soft: #9aa5b1; --in: #4fd1c0; --out: #f5a45d; --tint: #4fd1c012; --band: #4fd1c026 }
  }
  text { font: 15px system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif; fill: var(--soft) }
  .large { font-size: 21px; fill: var(--ink) }
  .in { fill: var(--in) } .out { fill: var(--out) }
  .dots { fill: none; stroke-width: 4.2; stroke-linecap: round }
  .line { fill: none; stroke: var(--soft); stroke-width: 1.5 }
</style>
<rect x="1" y="1" width="878" height="454" rx="18" fill="var(--paper)" stroke="var(--edge)"/>
<g transform="translate(${centreX} ${centreY})">
<rect x="${-unit}" y="${-unit}" width="${2 * unit}" height="${2 * unit}" class="line"/>
<circle r="${unit}" fill="var(--tint)"/>
<path class="dots" stroke="var(--out)" d="${outside.join('')}"/>
<path class="dots" stroke="var(--in)" d="${inside.join('')}"/>
<circle r="${unit}" fill="none" stroke="var(--ink)" stroke-width="1.75"/>
<text x="${-unit}" y="${unit + 24}" text-anchor="middle">−1</text>
<text y="${unit + 24}" text-anchor="middle">x² + y² &lt; 1 inside</text>
<text x="${unit}" y="${unit + 24}" text-anchor="middle">1</text>
</g>
<text x="${left}" y="62" class="large"><tspan class="in">${count(inside.length)}</tspan> of ${count(pointCount)} points are inside,</text>
<text x="${left}" y="91" class="large"><tspan class="out">${count(outside.length)}</tspan> in the corners.</text>
<text x="${left}" y="134" class="large">π ≈ 4 × ${count(inside.length)} / ${count(pointCount)} = ${estimate}</text>
<path d="M${[...upperEdge, ...lowerEdge].join('L')}Z" fill="var(--band)"/>
<path class="line" stroke-dasharray="5 5" d="M${left} ${middle}H${right}"/>
<path fill="none" stroke="var(--in)" stroke-width="2.25" stroke-linejoin="round" d="M${walk.join('L')}"/>
<text x="${left - 18}" y="${middle + 5}" text-anchor="middle" class="large">π</text>
<text x="${left}" y="190">the estimate as points arrive;</text>
<text x="${left}" y="210">the band is π ± one standard error</text>
${[10, 100, 1000].map((n) => `<path class="line" d="M${toX(n).toFixed(1)} 382v6"/><text x="${toX(n).toFixed(1)}" y="406" text-anchor="middle">${count(n)}</text>`).join('\n')}
<path class="line" d="M${left} 382H${right}"/>
<text x="${right}" y="428" text-anchor="end">points so far</text>
</svg>`);
