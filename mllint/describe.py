"""What the reader understood of a training program, for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mllint.facts import Site
from mllint.program import Argument, Event, Fit, Loop, LossUse, ModelSummary
from mllint.values import Const, Data, Encoding, Layer, Obj, Step, Unknown, Value

if TYPE_CHECKING:
    from mllint.reader import Reading, Resolver

_INDENT = "  "
_DETAIL = " " * 10


def describe(reading: Reading) -> str:
    """The program as understood: models, losses, training, data, loops, and where the reading gave up."""
    return "\n".join(_Description(reading).lines()) + "\n"


class _Description:
    """Writes the parts of one program; every line names the row it speaks of."""

    def __init__(self, reading: Reading) -> None:
        self.program = reading.program
        self.resolver: Resolver = reading.resolver()

    def lines(self) -> Iterator[str]:
        sections = (
            ("Models", self.models()),
            ("Losses", self.losses()),
            ("Training calls", self.fits()),
            ("Splits", self.splits()),
            ("Transforms", self.transforms()),
            ("One-hot encodings", self.encodings()),
            ("Metrics on arrays", self.metrics()),
            ("History keys read", self.histories()),
            ("Loops", self.loops()),
            ("Not understood", iter(f"{_INDENT}{each}" for each in self.program.limits)),
        )
        empty = True
        for title, found in sections:
            content = list(dict.fromkeys(found))
            if content:
                yield from ([] if empty else [""])
                yield title
                yield from content
                empty = False
        if empty:
            yield "nothing of a training program was found"

    def at(self, site: Site | None) -> str:
        """The row of a site, in a column of its own."""
        row = "" if site is None else str(self.resolver.row(site))
        return f"{row:>6}  "

    def row(self, site: Site | None) -> str:
        return "" if site is None else f" (line {self.resolver.row(site)})"

    # -- parts --------------------------------------------------------------------------------------------------------
    def models(self) -> Iterator[str]:
        for model in self._models():
            head = _scores(model.output)
            layers = " → ".join(_layer(layer) for layer in model.layers) or "layers not known"
            yield f"{self.at(model.site)}{model.name} ({model.framework}): {layers}{f'; gives {head}' if head else ''}"

    def _models(self) -> Iterable[ModelSummary]:
        """The last summary of each model: it is the fullest."""
        return {id(model.site): model for model in self.program.models}.values()

    def losses(self) -> Iterator[str]:
        for use in self.program.losses:
            yield "\n".join(self._loss(use))

    def _loss(self, use: LossUse) -> Iterator[str]:
        wants = f", expects {use.loss.expects!r}" if use.loss.expects.known else ""
        yield f"{self.at(use.site)}{use.loss.name} ({use.framework}{wants})"
        yield f"{_DETAIL}prediction: {_scores(use.prediction) or 'not known'}"
        yield f"{_DETAIL}target: {self.data(use.target)}"
        if use.metrics:
            more = "" if use.metrics_known else ", perhaps more"
            yield f"{_DETAIL}metrics: {', '.join(metric.name for metric in use.metrics)}{more}"

    def fits(self) -> Iterator[str]:
        for fit in self.program.fits:
            yield "\n".join(self._fit(fit))

    def _fit(self, fit: Fit) -> Iterator[str]:
        yield f"{self.at(fit.site)}{fit.name}.{fit.method} ({fit.framework} {fit.kind})"
        yield f"{_DETAIL}features: {self.data(fit.x)}"
        if fit.y is not None:
            yield f"{_DETAIL}target: {self.data(fit.y)}"
        for name, argument in (("validation_split", fit.validation_split), ("validation_data", fit.validation_data)):
            if argument.given:
                yield f"{_DETAIL}{name}: {self.argument(argument)}"

    def splits(self) -> Iterator[str]:
        words = {True: "shuffles", False: "does not shuffle", None: "may shuffle"}
        for split in self.program.splits:
            yield f"{self.at(split.site)}{split.kind}, {words[split.shuffles]}"

    def transforms(self) -> Iterator[str]:
        for each in self.program.transforms:
            again = f"; fitted before{self.row(each.earlier_fit)}" if each.refit else ""
            yield f"{self.at(each.site)}{each.name}.{each.action} on {self.data(each.data)}{again}"

    def encodings(self) -> Iterator[str]:
        for each in self.program.encodes:
            yield f"{self.at(each.site)}{each.name} of {self.data(each.data)}"

    def metrics(self) -> Iterator[str]:
        for use in self.program.metrics:
            yield f"{self.at(use.site)}{use.name}({self.argument(use.first)}; {self.argument(use.second)})"

    def histories(self) -> Iterator[str]:
        for read in self.program.histories:
            yield f"{self.at(read.site)}{read.key!r}{self.row(read.fit_site).replace('line', 'fitted in line')}"

    def loops(self) -> Iterator[str]:
        for body in self.program.bodies:
            yield from self._loop(body, 0)

    def _loop(self, loop: Loop, depth: int) -> Iterator[str]:
        inner = depth
        if loop.kind in ("for", "while"):
            events = list(_events(loop))
            if not events:
                return
            inner += 1
            yield f"{self.at(loop.site)}{_INDENT * depth}{loop.kind} loop{_doubt(loop)}"
        for event in loop.events:
            if isinstance(event, Loop):
                yield from self._loop(event, inner)
            elif loop.kind in ("for", "while") and event.kind != "unknown_call":
                yield f"{self.at(event.site)}{_INDENT * inner}{event.kind}{_target(event.target)}{_doubt(event)}"

    # -- values -------------------------------------------------------------------------------------------------------
    def argument(self, argument: Argument) -> str:
        value = argument.value
        return self.data(value) if isinstance(value, Data) else _value(value)

    def data(self, data: Data | None) -> str:
        """Where data come from and what was done to them."""
        if data is None:
            return "not known"
        what = [
            f"{data.part!r} rows" if data.part.known else "",
            f"columns: {data.columns!r}" if data.columns.known else "",
            f"labels: {_labels(data)}" if data.labels.known else "",
            _scores(data),
        ]
        known = ", ".join(each for each in what if each) or "data"
        steps = "; ".join(self.step(step) for step in data.steps)
        return f"{known} [{steps}]" if steps else known

    def step(self, step: Step) -> str:
        if step.kind == "split":
            return f"split{self.row(step.site)}"
        by = f" by {_value(step.by)}" if isinstance(step.by, Obj) else f" by {step.by}" if step.by else ""
        return f"{step.kind}{by}{self.row(step.site)}"


def _events(loop: Loop) -> Iterator[Event]:
    return (event for event in loop.walk() if event.kind != "unknown_call")


def _doubt(happening: Event | Loop) -> str:
    return "" if happening.certain else " (perhaps)"


def _scores(data: Data | None) -> str:
    """What a model gives: how many values, of which kind."""
    if data is None:
        return ""
    of = f" of {data.units!r}" if data.units.known else ""
    if data.scale.known:
        return f"{data.scale!r}{of}"
    return f"values{of}" if of else ""


def _labels(data: Data) -> str:
    return " | ".join(_encoding(each) for each in data.labels.values)


def _encoding(encoding: Encoding) -> str:
    """``integer from 1 to 6 (6 classes)``."""
    bounds = (("from", encoding.low), ("to", encoding.high))
    words = [encoding.kind, *(f"{word} {number}" for word, number in bounds if number is not None)]
    return " ".join([*words, f"({encoding.count} classes)"] if encoding.count is not None else words)


def _layer(layer: Layer) -> str:
    units = f"({layer.units!r})" if layer.units.known else ""
    active = layer.activation.known and not layer.activation.must_be("linear")
    activation = f" {layer.activation!r}" if active and layer.type.lower() != repr(layer.activation) else ""
    return f"{layer.type}{units}{activation}"


def _target(value: Value) -> str:
    unnamed = isinstance(value, (Unknown, Data)) or (isinstance(value, Obj) and value.kind == "instance")
    return "" if unnamed else f" of {_value(value)}"


def _value(value: object) -> str:
    """A value in a few words."""
    if isinstance(value, Unknown):
        return "not known"
    if isinstance(value, Obj):
        return value.kind.rpartition(".")[2]
    return repr(value.value) if isinstance(value, Const) else repr(value)
