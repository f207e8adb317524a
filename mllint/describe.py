"""What the reader understood of a training program, for people: layer by layer, and what it did not understand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mllint.facts import Site
from mllint.frameworks.configured import HIDDEN
from mllint.frameworks.shapes import text as shape_text
from mllint.program import Argument, Event, Fit, Loop, LossUse, ModelSummary, Optimizer
from mllint.reader.origins import Origin, Origins
from mllint.values import Applied, Const, Data, Encoding, Layer, Obj, Slice, Step, Tuple, Unknown, Value, constant

if TYPE_CHECKING:
    from mllint.reader import Reading

_INDENT = "  "
_DETAIL = " " * 10


def describe(reading: Reading) -> str:
    """The program as understood: models layer by layer, losses, training, data, loops, and what was not understood."""
    return "\n".join(_Description(reading).lines()) + "\n"


class _Description:
    """Writes the parts of one program; every line names the row it speaks of."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.program = reading.program
        self.resolver = reading.resolver()
        self.origins = Origins(reading.own)

    def lines(self) -> Iterator[str]:
        sections = (
            ("Models", self.models()),
            ("Layers of other models", self.other_layers()),
            ("Optimizers of other models", self.optimizers()),
            ("Losses", self.losses()),
            ("Training calls", self.fits()),
            ("Splits", self.splits()),
            ("Transforms", self.transforms()),
            ("One-hot encodings", self.encodings()),
            ("Metrics on arrays", self.metrics()),
            ("History keys read", self.histories()),
            ("Loops", self.loops()),
            ("Not understood", self.not_understood()),
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

    # -- places -------------------------------------------------------------------------------------------------------
    def at(self, site: Site | None) -> str:
        """The row of a site, in a column of its own."""
        return f"{self.resolver.row(site) if site is not None and self.has(site) else '':>6}  "

    def has(self, site: Site | None) -> bool:
        """Whether it is in the program's own file."""
        return site is not None and self.resolver.has(site)

    def row(self, site: Site | None) -> str:
        return "" if site is None else f" ({self.line(site)})"

    def line(self, site: Site) -> str:
        home = self.reading.home(site)
        number = f"line {home.resolver.row(site)}"
        return number if self.reading.is_own(home) else f"{home.name}, {number}"

    # -- models -------------------------------------------------------------------------------------------------------
    def models(self) -> Iterator[str]:
        for model in self._models():
            yield "\n".join(self._model(model))

    def _models(self) -> Iterable[ModelSummary]:
        """The last summary of each model: it is the fullest."""
        return {id(model.site): model for model in self.program.models}.values()

    def _model(self, model: ModelSummary) -> Iterator[str]:
        yield f"{self.at(model.site)}{model.name} ({model.framework})"
        output = model.output
        if output is not None and output.applied is not None:
            yield from self.way(output)
        elif model.layers:
            yield from (self._layer(layer, layer.site) for layer in model.layers)
            if model.framework != "sklearn":
                yield f"{_DETAIL}what these layers give is not known"
        else:
            yield f"{_DETAIL}layers not known{self._why(model)}"
        if output is not None and _scores(output):
            yield f"{_DETAIL}gives {_scores(output)}{self.row(output.scale.site)}"
        for optimizer in self.program.optimizers:
            if isinstance(model.model, Obj) and optimizer.model == model.model:
                yield f"{_DETAIL}optimizer: {self._optimizer(optimizer)}"

    def _why(self, model: ModelSummary) -> str:
        fits = [fit.site for fit in self.program.fits if fit.estimator == model.model]
        found = self.origins.of(model.site) or [each for site in fits for each in self.origins.receiver(site)]
        return f": {_made(found[-1])}" if found else ""

    def optimizers(self) -> Iterator[str]:
        shown = [model.model for model in self._models() if isinstance(model.model, Obj)]
        told = {optimizer.site for optimizer in self.program.optimizers if optimizer.model in shown}
        for optimizer in self.program.optimizers:
            if optimizer.site not in told:
                yield f"{self.at(optimizer.site)}{self._optimizer(optimizer, place=False)}"

    def _optimizer(self, optimizer: Optimizer, place: bool = True) -> str:
        rate = _value(optimizer.rate.value) if optimizer.rate.given else "the default"
        return f"{optimizer.name}, learning rate {rate}{self.row(optimizer.site) if place else ''}"

    def way(self, output: Data) -> Iterator[str]:
        """The layers from the input to an output, each with the shape of what it gives."""
        yield from _columns(self._way(output))

    def _way(self, output: Data) -> Iterator[tuple[str, str]]:
        before: Applied | None = None
        steps = chain(output)
        for step in steps:
            if not step.inputs and step.layer is not None:
                yield f"{_DETAIL}input not known{self._from(self.origins.argument(step.site))}", ""
            for each in step.inputs:
                if each.applied is None:
                    yield f"{_DETAIL}input", shape_text(each.shape)
                elif each.applied.shape != each.shape and each.applied in steps:
                    yield f"{_DETAIL}reshaped", shape_text(each.shape)
            came = [each.applied for each in step.inputs if each.applied is not None]
            jumps = before is not None and (len(came) != 1 or came[0] is not before)
            yield self._step(step, came if jumps else [])
            before = step
        if output.applied is not None and output.shape != output.applied.shape:
            yield f"{_DETAIL}reshaped", shape_text(output.shape)

    def _step(self, step: Applied, came: list[Applied]) -> tuple[str, str]:
        if step.layer is None:
            what = "one of these" if len(step.inputs) > 1 else "a layer that is not known"
            return f"{_DETAIL}{what}", shape_text(step.shape)
        rows = [f"{each.layer.type}{self.row(each.layer.site or each.site)}" for each in came if each.layer is not None]
        from_ = f"  from {', '.join(rows)}" if rows else ""
        return self._layer(step.layer, step.layer.site or step.site), f"{shape_text(step.shape)}{from_}"

    def _layer(self, layer: Layer, site: Site | None) -> str:
        return f"{self.at(site)}  {_layer(layer)}"

    def other_layers(self) -> Iterator[str]:
        """Layers of models that are defined here and trained elsewhere, or of which the training was not understood."""
        ways = [step for model in self._models() if model.output is not None for step in chain(model.output)]
        seen = {id(step) for step in ways}
        listed = {layer.site for model in self._models() for layer in model.layers}
        listed |= {getattr(inner, "site", None) for step in ways if step.layer for inner in step.layer.layers}
        groups: dict[tuple[Site | None, str], dict[tuple[str, str], None]] = {}
        for step in self.program.applied:
            layer = step.layer
            if (
                layer is None
                or id(step) in seen
                or layer.site in listed
                or step.site is None
                or not self.has(step.site)
            ):
                continue
            site = layer.site if self.has(layer.site) else step.site
            group = groups.setdefault(self.origins.scope(step.site) or (None, ""), {})
            found = [] if step.inputs else self.origins.argument(step.site)
            if found and found[-1].module:
                group[f"{_DETAIL}not known{self._from(found)}", ""] = None
            group[self._layer(layer, site), shape_text(step.shape)] = None
        for (scope, name), rows in groups.items():
            if scope is not None:
                yield f"{self.at(scope)}{name}"
            yield from _columns(rows)

    # -- parts --------------------------------------------------------------------------------------------------------
    def losses(self) -> Iterator[str]:
        for use in self.program.losses:
            yield "\n".join(self._loss(use))

    def _loss(self, use: LossUse) -> Iterator[str]:
        wants = f", expects {use.loss.expects!r}" if use.loss.expects.known else ""
        targets = f", targets {use.loss.targets!r}" if use.loss.targets.known else ""
        yield f"{self.at(use.site)}{use.loss.name} ({use.framework}{wants}{targets}){self._when(use)}"
        yield f"{_DETAIL}prediction: {self._prediction(use)}"
        yield f"{_DETAIL}target: {self.data(use.target)}{self._unknown(use.target, use.target_site)}"
        if use.metrics:
            more = "" if use.metrics_known else ", perhaps more"
            yield f"{_DETAIL}metrics: {', '.join(self._metric(each.name, use) for each in use.metrics)}{more}"

    def _when(self, use: LossUse) -> str:
        return "" if use.training else ", without training"

    def _prediction(self, use: LossUse) -> str:
        shown = _scores(use.prediction)
        shape = use.prediction.shape if use.prediction is not None else None
        if shown:
            return f"{shown}, shape {shape_text(shape)}" if shape is not None else shown
        return f"not known{self._unknown(None, use.prediction_site)}"

    def _unknown(self, data: Data | None, site: Site | None) -> str:
        """Where an unknown value came from."""
        return self._from(self.origins.of(site)) if data is None else ""

    @staticmethod
    def _from(found: list[Origin]) -> str:
        return f": {'; '.join(map(_made, found))}" if found else ""

    def _metric(self, name: str, use: LossUse) -> str:
        """A metric as this version reads it."""
        if name not in ("accuracy", "acc") or use.framework != "keras":
            return name
        units = use.prediction.units if use.prediction is not None else None
        if self.program.versions.keras < (2, 4):
            by = {"binary_crossentropy": "binary", "sparse_categorical_crossentropy": "sparse categorical"}
            return f"{name} (by the loss: {by.get(use.loss.family, 'categorical')} accuracy)"
        kinds = {label.kind for label in use.target.labels.values} if use.target is not None else set()
        if units is None or not units.known:
            return f"{name} (by the shapes, which are not known)"
        if units.must_be(1):
            return f"{name} (by the shapes: binary accuracy)"
        if kinds == {"integer"} or (not kinds and use.loss.family.startswith("sparse")):
            return f"{name} (by the shapes: sparse categorical accuracy)"
        return f"{name} (by the shapes: categorical accuracy, of the largest value)"

    def fits(self) -> Iterator[str]:
        for fit in self.program.fits:
            yield "\n".join(self._fit(fit))

    def _fit(self, fit: Fit) -> Iterator[str]:
        called = f"{fit.name.removesuffix(f'.{fit.method}')}.{fit.method}"
        yield f"{self.at(fit.site)}{called} ({fit.framework} {fit.kind})"
        yield f"{_DETAIL}features: {self.data(fit.x)}"
        if fit.y is not None:
            yield f"{_DETAIL}target: {self.data(fit.y)}"
        elif fit.y_site is not None:
            yield f"{_DETAIL}target: not known{self._unknown(None, fit.y_site)}"
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

    def not_understood(self) -> Iterator[str]:
        """Where the reading gave up, and the calls whose results reach a model, a loss or a training call."""
        for fit in self.program.fits:
            if fit.x is None and fit.framework == "keras":
                yield from self._named(self.origins.of(fit.y_site))
        for use in self.program.losses:
            if use.prediction is None or not (use.prediction.scale.known or use.prediction.applied):
                yield from self._named(self.origins.of(use.prediction_site))
            if use.target is None:
                yield from self._named(self.origins.of(use.target_site))
        for model in self._models():
            if model.output is None and not model.layers:
                yield from self._named(self.origins.of(model.site))
        for body in self.program.bodies:
            for event in body.walk():
                if event.kind == "unknown_call" and self.has(event.site):
                    yield from self._unknown_call(event.site)
        yield from (f"{_INDENT}{each}" for each in self.program.limits)

    def _unknown_call(self, site: Site) -> Iterator[str]:
        """A training call on something that is not known."""
        head = self.resolver.text(site).partition("(")[0]
        if head.rpartition(".")[2] in _TRAINING and "." in head:
            found = self.origins.receiver(site)
            why = f": {_made(found[-1])}" if found else ""
            yield f"{self.at(site)}`{head}(…)`{why}"

    def _named(self, found: list[Origin]) -> Iterator[str]:
        for each in found[-1:]:
            yield f"{each.row:>6}  {_made(each, where=False)}"

    # -- values -------------------------------------------------------------------------------------------------------
    def argument(self, argument: Argument) -> str:
        return self.value(argument.value)

    def value(self, value: Value) -> str:
        if isinstance(value, Tuple):
            return f"({'; '.join(map(self.value, value.items))})"
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
            f"shape {shape_text(data.shape)}" if data.shape and any(size is not None for size in data.shape) else "",
        ]
        known = ", ".join(each for each in what if each) or "data"
        steps = " → ".join(self.step(step) for step in data.steps)
        return f"{known} [{steps}]" if steps else known

    def step(self, step: Step) -> str:
        if step.kind == "split":
            return f"split{self.row(step.site)}"
        by = f" by {_value(step.by)}" if isinstance(step.by, Obj) else f" by {step.by}" if step.by else ""
        return f"{step.kind}{by}{self.row(step.site)}"


def _columns(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Two columns; a second one of question marks says nothing and is left out."""
    listed = list(rows)
    width = max((len(left) for left, right in listed if right), default=0)
    told = any(right not in ("?", "") for _, right in listed)
    yield from (f"{left:{width}}  {right}" if told and right else left for left, right in listed)


def chain(output: Data) -> list[Applied]:
    """The layers that an output came through, each behind what it was applied to."""
    found: dict[int, Applied] = {}
    open_ = [(output.applied, False)]
    while open_:
        step, done = open_.pop()
        if step is None or id(step) in found:
            continue
        if done:
            found[id(step)] = step
        else:
            open_.append((step, True))
            open_.extend((each.applied, False) for each in reversed(step.inputs))
    return list(found.values())


def _made(origin: Origin, where: bool = True) -> str:
    """``x`` is made by ``build()`` at line 30, which is imported from ``zoo``."""
    from_ = f", which is imported from `{origin.module}`" if origin.module else ""
    from_ = ", which was not understood" if origin.local and not origin.module else from_
    at = f" at line {origin.row}" if where else ""
    head = f"`{origin.name}` is made by " if "(" not in origin.name else ""
    return f"{head}`{origin.made_by}()`{at}{from_}"


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


_TRAINING = ("compile", "fit", "fit_generator", "fit_transform", "train", "train_on_batch", "fit_predict")
_SHOWN = (
    "kernel_size", "strides", "stride", "padding", "dilation", "dilation_rate", "pool_size", "return_sequences", "rate", "p", "dim", "axis",
    "bidirectional", "batch_first", "output_size", "size", "scale_factor", "target_shape",
)  # fmt: skip


def _layer(layer: Layer) -> str:
    """``Conv2D(32, kernel_size=3) relu``."""
    units = [repr(layer.units)] if layer.units.known else []
    given = [f"{name}={_value(value)}" for name, value in layer.args if name in _SHOWN and _is_plain(value)]
    more = ["…"] if any(name == HIDDEN for name, _ in layer.args) else []
    inside = [_layer(each) for each in layer.layers if isinstance(each, Layer)]
    settings = ", ".join([*inside, *units, *given, *more])
    active = layer.activation.known and not layer.activation.must_be("linear")
    name = repr(layer.activation)
    activation = f" {name}" if active and layer.type.lower().replace("_", "") != name.replace("_", "") else ""
    return f"{layer.type}{f'({settings})' if settings else ''}{activation}"


def _is_plain(value: Value) -> bool:
    if isinstance(value, Tuple):
        return all(map(_is_plain, value.items))
    return isinstance(value, Const) and isinstance(constant(value), (int, float, str, bool))


def _target(value: Value) -> str:
    unnamed = isinstance(value, (Unknown, Data, Slice)) or (isinstance(value, Obj) and value.kind == "instance")
    return "" if unnamed else f" of {_value(value)}"


def _value(value: object) -> str:
    """A value in a few words."""
    if isinstance(value, Unknown):
        return "not known"
    if isinstance(value, Obj):
        return value.kind.rpartition(".")[2]
    return repr(value.value) if isinstance(value, Const) else repr(value)
