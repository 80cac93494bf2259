"""svg.py: two kinds of plots, as SVG text."""
from html import escape
from math import log10

COLOURS = ["#1b6ca8", "#c4472b", "#3c8d40", "#8a5aa8", "#b8860b", "#555555", "#118a8a"]
FONT = 'font-family="sans-serif" font-size="12"'


def document(width, height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" {FONT}>\n'
            f'<rect width="{width}" height="{height}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n")


def text(x, y, words, anchor="start", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(str(words))}</text>'


def line(x1, y1, x2, y2, colour="#dddddd", more=""):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" {more}/>'


def short(number):
    for unit, size in (("M", 1_000_000), ("k", 1000)):
        if number >= size:
            return f"{number / size:g} {unit}"
    return f"{number:g}"


def ticks(largest):
    """Round numbers from 0 up to `largest` and a little beyond."""
    step = 1
    while largest / step > 6:
        step *= 2.5 if str(step)[0] == "2" else 2
    return [step * i for i in range(int(largest / step) + 2)]


def decades(smallest, largest):
    low, found = 1e-3, []
    while low * 10 <= smallest:
        low *= 10
    while low < largest * 10:
        found.append(low)
        low *= 10
    return found


class Scale:
    """From values to pixels, bottom to top."""

    def __init__(self, values, bottom, top, logarithmic):
        self.marks = decades(min(values), max(values)) if logarithmic else ticks(max(values))
        self.logarithmic, self.bottom, self.top = logarithmic, bottom, top

    def place(self, value):
        low, high = self.marks[0], self.marks[-1]
        if self.logarithmic:
            low, high, value = log10(low), log10(high), log10(max(value, low))
        return self.bottom - (value - low) / (high - low) * (self.bottom - self.top)


def lines(title, unit, series, logarithmic=False):
    """series: {name: {size: (median, q1, q3)}}; the sizes are spaced evenly. None: nothing was measured."""
    if not series:
        return None
    width, height, left, right, top, bottom = 760, 340, 60, 500, 40, 300
    sizes = sorted({size for points in series.values() for size in points})
    scale = Scale([v for points in series.values() for p in points.values() for v in p], bottom, top,
                  logarithmic)
    place = {size: left + 30 + i * (right - left - 60) / max(len(sizes) - 1, 1) for i, size in enumerate(sizes)}
    parts = [text(left, 22, f"{title} ({unit})", more='font-weight="bold"')]
    for mark in scale.marks:
        parts += [line(left, scale.place(mark), right, scale.place(mark)),
                  text(left - 8, scale.place(mark) + 4, short(mark), "end")]
    parts += [text(place[size], bottom + 20, short(size), "middle") for size in sizes]
    for i, (name, points) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        dash = "" if i < len(COLOURS) else 'stroke-dasharray="4 3"'
        way = " ".join(f"{place[size]:.1f},{scale.place(points[size][0]):.1f}" for size in sorted(points))
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2" {dash}/>')
        for size, (median, q1, q3) in points.items():
            x = place[size]
            parts += [line(x, scale.place(q1), x, scale.place(q3), colour),
                      f'<circle cx="{x:.1f}" cy="{scale.place(median):.1f}" r="3" fill="{colour}"/>']
        parts += [line(right + 15, top + 20 * i, right + 35, top + 20 * i, colour, f'stroke-width="2" {dash}'),
                  text(right + 42, top + 4 + 20 * i, name)]
    return document(width, max(height, top + 20 * len(series) + 10), parts)


def bars(title, unit, values):
    """values: [(name, (median, q1, q3))], horizontal; the quartiles are drawn over the bars. None: no values."""
    if not values:
        return None
    left, right, top, step = 250, 680, 40, 22
    scale = ticks(max(value[2] for _, value in values))
    width_of = lambda value: value / scale[-1] * (right - left)
    bottom = top + step * len(values)
    parts = [text(10, 22, f"{title} ({unit})", more='font-weight="bold"')]
    for mark in scale:
        x = left + width_of(mark)
        parts += [line(x, top, x, bottom), text(x, bottom + 16, short(mark), "middle")]
    for i, (name, (median, q1, q3)) in enumerate(values):
        y = top + step * i
        colour = COLOURS[0] if name.startswith("policyctl") else "#9aa5ad"
        parts += [text(left - 8, y + 15, name, "end"),
                  f'<rect x="{left}" y="{y + 4}" width="{width_of(median):.1f}" height="14" fill="{colour}"/>',
                  line(left + width_of(q1), y + 11, left + width_of(q3), y + 11, "black")]
    return document(760, bottom + 30, parts)
