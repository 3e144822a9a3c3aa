"""Line and bar plots as SVG, drawn with nothing but strings."""

import math
from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
INK, SOFT, GRID, GOAL = "#1f2430", "#667085", "#e6e8ee", "#12805c"
# kindred in blues, the originals in warm colours, the limit in grey: also apart for the colour-blind.
COLOURS = {
    "bare": "#8a93a3",
    "k-svscan": "#1d4ed8",
    "k-runsvdir": "#0ea5e9",
    "k-scan": "#7c3aed",
    "svscan": "#e4572e",
    "runsvdir": "#e09f1f",
    "s6-svscan": "#b5446e",
}


def figure(value):
    """Three digits, no exponent: 0.123, 1.23, 12.3, 123, 1,234."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size >= 10:
        return f"{value:.1f}".removesuffix(".0")
    if size >= 1:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.3f}".rstrip("0").rstrip(".") if size >= 0.0005 else f"{value:.1g}"


class Log:
    def __init__(self, low, high):
        low, high = low * 0.9, high * 1.1
        self.low, self.span = math.log10(low), math.log10(high) - math.log10(low) or 1
        for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
            self.ticks = [s * 10.0**e for e in range(-6, 10) for s in steps if low <= s * 10.0**e <= high]
            if len(self.ticks) >= 4:
                break

    def __call__(self, value):
        return (math.log10(value) - self.low) / self.span


class Linear:
    def __init__(self, high):
        high = high or 1
        step = 10 ** math.floor(math.log10(high))
        step = next(step * s for s in (0.2, 0.5, 1, 2) if high / (step * s) <= 6)
        self.high = high * 1.02
        self.ticks = [step * i for i in range(int(self.high / step) + 1)]

    def __call__(self, value):
        return value / self.high


class Canvas:
    def __init__(self, width, height, title, subtitle):
        self.width, self.height = width, height
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" font-family="{FONT}" role="img" aria-label="{escape(title)}">',
            f'<rect width="{width}" height="{height}" rx="10" fill="#ffffff"/>',
        ]
        self.text(28, 38, title, size=19, weight=650)
        self.text(28, 60, subtitle, size=13, colour=SOFT)

    def text(self, x, y, text, size=12.5, colour=INK, anchor="start", weight=400):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}" stroke="#ffffff" stroke-width="3" paint-order="stroke">'
            f"{escape(str(text))}</text>"
        )

    def line(self, x1, y1, x2, y2, colour=GRID, width=1.0, dash=None):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{width}" stroke-linecap="round"{dashes}/>'
        )

    def rect(self, x, y, width, height, colour, opacity=1.0):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1.5):.1f}" height="{height:.1f}" rx="3" '
            f'fill="{colour}" fill-opacity="{opacity}"/>'
        )

    def dot(self, x, y, colour, radius=4.0):
        self.parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}" stroke="#ffffff" stroke-width="1.5"/>'
        )

    def path(self, points, colour, width=2.5, dash=None):
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{where}" fill="none" stroke="{colour}" stroke-width="{width}" '
            f'stroke-linejoin="round" stroke-linecap="round"{dashes}/>'
        )

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(self.parts) + "\n</svg>\n")


def spread(labels, gap, low, high):
    """Moves labels (y, ...) apart until none overlaps the next."""
    labels = sorted(labels)
    places = [y for y, *_ in labels]
    for _ in range(200):
        moved = False
        for i in range(len(places) - 1):
            lack = gap - (places[i + 1] - places[i])
            if lack > 0.01:
                places[i], places[i + 1], moved = places[i] - lack / 2, places[i + 1] + lack / 2, True
        places = [min(max(p, low), high) for p in places]
        if not moved:
            break
    return [(place, *label) for place, label in zip(places, labels)]


def lines(path, title, subtitle, series, y_name, goal=None):
    """series: [(key, label, [(n, value)])], both axes logarithmic; goal: (value, words)."""
    series = [(key, label, [p for p in points if p[1] > 0]) for key, label, points in series]
    series = [s for s in series if s[2]]
    if not series:
        return
    canvas = Canvas(900, 500, title, subtitle)
    left, right, top, bottom = 74, 680, 96, 440
    ns = sorted({n for _, _, points in series for n, _ in points})
    values = [v for _, _, points in series for _, v in points] + ([goal[0]] if goal else [])
    x_axis, y_axis = Log(ns[0], ns[-1]), Log(min(values), max(values))

    def x(n):
        return left + x_axis(n) * (right - left)

    def y(value):
        return bottom - y_axis(value) * (bottom - top)

    for tick in y_axis.ticks:
        canvas.line(left, y(tick), right, y(tick))
        canvas.text(left - 10, y(tick) + 4, figure(tick), colour=SOFT, anchor="end")
    for n in ns:
        canvas.line(x(n), bottom, x(n), bottom + 5, colour="#c5cad5")
        canvas.text(x(n), bottom + 21, f"{n:,}", colour=SOFT, anchor="middle")
    canvas.text((left + right) / 2, bottom + 44, "services (log)", colour=SOFT, anchor="middle")
    canvas.text(28, 84, f"{y_name} (log)", colour=SOFT)
    if goal:
        canvas.line(left, y(goal[0]), right, y(goal[0]), colour=GOAL, width=1.5, dash="2 5")
        canvas.text(left + 6, y(goal[0]) - 7, goal[1], colour=GOAL, size=12, weight=600)
    ends = {}
    for key, label, points in series:
        colour = COLOURS.get(key, INK)
        places = [(x(n), y(v)) for n, v in points]
        canvas.path(places, colour, dash="6 5" if key == "bare" else None)
        for place in places:
            canvas.dot(*place, colour)
        ends.setdefault(places[-1][0], []).append((places[-1][1], label, colour, points[-1][1]))
    for end, labels in ends.items():
        for place, at, label, colour, value in spread(labels, 18, top, bottom):
            canvas.path([(end + 7, at), (end + 16, place), (end + 20, place)], colour, width=1)
            canvas.text(end + 25, place + 4.5, f"{label}: {figure(value)}", colour=colour, size=12.5, weight=600)
    canvas.save(path)


def bars(path, title, subtitle, groups, unit, log=True, goal=None):
    """groups: [(heading, [(key, label, value, high or None)])]: a bar to value, a whisker to high.

    A logarithmic axis has no zero for a bar to stand on: there it is a dot on a thin line.
    """
    rows = [row for _, members in groups for row in members]
    if not rows:
        return
    step, bar = 27, 17
    height = 124 + sum(step * len(members) + (30 if heading else 8) for heading, members in groups)
    canvas = Canvas(900, height, title, subtitle)
    left, right, top, bottom = 210, 740, 84, height - 44
    groups = [group for group in groups if group[1]]
    values = [v for *_, value, high in rows for v in (value, high) if v] + ([goal[0]] if goal else [])
    if log and values:
        axis = Log(min(values) / 1.6, max(values))
    else:
        axis = Linear(max(values, default=0))

    def x(value):
        return left + (axis(value) if value > 0 else 0) * (right - left)

    for tick in axis.ticks:
        canvas.line(x(tick), top, x(tick), bottom)
        canvas.text(x(tick), bottom + 18, figure(tick), colour=SOFT, anchor="middle")
    canvas.text(left - 12, bottom + 18, f"{unit}{' (log)' if log and values else ''}", colour=SOFT, anchor="end")
    y = top
    for heading, members in groups:
        if heading:
            canvas.text(28, y + 18, heading, size=13, weight=650)
            y += 30
        else:
            y += 8
        for key, label, value, high in members:
            colour, middle = COLOURS.get(key, INK), y + bar / 2
            canvas.text(left - 12, middle + 4.5, label, size=13, anchor="end")
            end = x(value)
            if log:
                canvas.line(left, middle, end, middle, colour=colour, width=5)
            else:
                canvas.rect(left, y, end - left, bar, colour, 0.9)
            if high:
                canvas.line(end, middle, x(high), middle, colour=colour, width=1.6)
                canvas.line(x(high), middle - 5, x(high), middle + 5, colour=colour, width=1.6)
                end = x(high)
            if log:
                canvas.dot(x(value), middle, colour, radius=6.5)
            words = figure(value) + (f" / {figure(high)}" if high else "")
            canvas.text(end + 11, middle + 4.5, words, size=12.5, colour=INK, weight=600)
            y += step
    if goal:
        canvas.line(x(goal[0]), top, x(goal[0]), bottom, colour=GOAL, width=1.5, dash="2 5")
        canvas.text(x(goal[0]) + 5, top - 4, goal[1], colour=GOAL, size=12, weight=600)
    canvas.save(path)
