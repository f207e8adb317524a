"""What happens in a body in which order, and to which model or optimizer: the words that the rules of this family use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from mllint.program import Event, Loop, Optimizer, Program, exclusive
from mllint.values import UNKNOWN, Choice, Data, Layer, Obj, Tuple, Value, options

TORCH = ("torch", "")
MAKES_GRADIENTS = ("backward", "gradient", "set_grad")
_QUIET = (
    "wandb", "mlflow", "print", "plt", "writer", "tqdm", "logger", "logging", "self.log", "self.writer", "self.logger", "np", "pbar", "time", "os",
    "json", "neptune", "summary", "torchinfo", "torchsummary",
)  # fmt: skip
"""What is given models and values without changing them."""


@dataclass(frozen=True, slots=True)
class Moment:
    """An event with the loops it is in, outermost first."""

    event: Event
    loops: tuple[Loop, ...]
    at: int

    @property
    def loop(self) -> Loop | None:
        """The innermost loop that repeats."""
        return self.loops[-1] if self.loops else None

    def inside(self, loop: Loop) -> bool:
        return any(each is loop for each in self.loops)


class Story:
    """One body's events in order."""

    def __init__(self, program: Program, body: Loop) -> None:
        self.program = program
        self.body = body
        modes = {(e.body, e.receiver_text) for e in body.walk() if e.kind in ("train_mode", "eval_mode")}
        modes -= {key for key in modes if not key[1]}
        self._modes = modes
        self.moments: list[Moment] = []
        self._within: dict[int, list[Moment]] = {}
        self._tell(body, ())

    def _tell(self, loop: Loop, loops: tuple[Loop, ...]) -> None:
        for event in loop.events:
            if isinstance(event, Loop):
                self._tell(event, (*loops, event) if event.rounds is None else loops)
            else:
                self.moments.append(Moment(self._named(event), loops, len(self.moments)))

    def _named(self, event: Event) -> Event:
        """A call of something unknown that is put into a mode is the forward pass of a model."""
        if (
            event.kind == "unknown_call"
            and event.target is UNKNOWN
            and (event.body, event.receiver_text) in self._modes
        ):
            return replace(event, kind="forward")
        return event

    def of(self, *kinds: str) -> Iterator[Moment]:
        return (moment for moment in self.moments if moment.event.kind in kinds)

    def within(self, loop: Loop | None) -> Sequence[Moment]:
        """The moments of a loop; of the whole body for None."""
        if loop is None:
            return self.moments
        found = self._within.get(id(loop))
        if found is None:
            found = self._within[id(loop)] = [moment for moment in self.moments if moment.inside(loop)]
        return found

    def before(self, moment: Moment, loop: Loop | None) -> Iterator[tuple[Moment, bool]]:
        """What happened before in a loop, latest first; then what did in the round before, which is marked."""
        inside = self.within(loop)
        yield from ((each, False) for each in reversed(inside) if each.at < moment.at)
        if loop is not None:
            yield from ((each, True) for each in reversed(inside) if each.at > moment.at)

    def after(self, moment: Moment, loop: Loop | None) -> Iterator[tuple[Moment, bool]]:
        """What happens next in a loop; then what does in the next round, which is marked."""
        inside = self.within(loop)
        yield from ((each, False) for each in inside if each.at > moment.at)
        if loop is not None:
            yield from ((each, True) for each in inside if each.at < moment.at)

    @cached_property
    def learning(self) -> set[int]:
        """Loops in which gradients are computed, by identity."""
        return {id(loop) for moment in self.of("backward", "gradient") for loop in moment.loops}

    def learns(self, moment: Moment) -> bool:
        """Whether gradients are computed in the innermost loop around this."""
        loop = moment.loop
        if loop is None:
            return any(not each.loops for each in self.of("backward", "gradient"))
        return id(loop) in self.learning


def stories(program: Program) -> list[Story]:
    """The story of the module and of every function that is read on its own."""
    if not program.stories:
        program.stories.extend(Story(program, body) for body in program.bodies)
    return program.stories


# -- who --------------------------------------------------------------------------------------------------------------
def is_optimizer(value: Value) -> bool:
    return (
        isinstance(value, Obj) and value.kind.startswith(("torch.optim.", *_OTHER)) and "lr_scheduler" not in value.kind
    )


_OTHER = ("transformers.AdamW", "timm.optim.", "bitsandbytes.optim.")


def is_step(event: Event) -> bool:
    """Whether an optimizer of torch takes a step, or something unknown that has no arguments but may be one."""
    if event.kind != "step":
        return False
    return is_optimizer(event.target) or (event.target is UNKNOWN and not event.arguments)


def lasts(value: Value, loop: Loop) -> bool:
    """Whether something is the same in every round: it was not made inside of the loop."""
    return not isinstance(value, Obj) or value.id <= loop.born


def same(first: Event, second: Event) -> bool:
    """Whether both happen to the same thing for sure."""
    if first.target is UNKNOWN and second.target is UNKNOWN:
        return bool(first.receiver_text) and (first.body, first.receiver_text) == (second.body, second.receiver_text)
    return first.target == second.target


def optimizer(program: Program, value: Value) -> Optimizer | None:
    """What is known about how an optimizer was made."""
    return next((each for each in program.optimizers if each.made == value), None)


def contains(program: Program, whole: Value, part: Value) -> bool:
    """Whether a module is another one or has it inside."""
    if whole == part:
        return whole is not UNKNOWN
    network = program.networks.get(whole) if isinstance(whole, Obj) else None
    return network is not None and (part in network.parts or (isinstance(part, Layer) and part in network.layers))


def related(program: Program, first: Value, second: Value) -> bool:
    """Whether one of two modules has the other inside, or is it."""
    return contains(program, first, second) or contains(program, second, first)


def trains(program: Program, value: Value, model: Value) -> bool:
    """Whether an optimizer is given parameters of this model or of modules inside of it."""
    made = optimizer(program, value)
    return made is not None and any(related(program, each, model) for each in made.models or ())


def clears(program: Program, zeroing: Event, step: Event) -> bool:
    """Whether zeroing leaves no gradients for the step."""
    if same(zeroing, step):
        return True
    made = optimizer(program, step.target)
    models = () if made is None else made.models or ()
    return bool(models) and all(contains(program, zeroing.target, each) for each in models)


def in_mode(program: Program, event: Event, model: Event) -> bool:
    """Whether a change of mode reaches what a forward pass runs through."""
    if event.target is UNKNOWN:
        return model.target is UNKNOWN and same(event, model)
    return event.target == model.target or model.target in event.arguments


def may_be_in_mode(program: Program, event: Event, model: Event) -> bool:
    """Whether a change of mode may reach it."""
    if event.target is UNKNOWN or model.target is UNKNOWN:
        unlike = event.body is model.body and event.receiver_text and model.receiver_text
        both = event.target is UNKNOWN and model.target is UNKNOWN
        return not (both and unlike and event.receiver_text != model.receiver_text)
    return in_mode(program, event, model) or related(program, event.target, model.target)


# -- code that cannot be seen -----------------------------------------------------------------------------------------
def holds(value: Value, depth: int = 0) -> bool:
    """Whether code that is given this can reach a loss's gradients, an optimizer or a model."""
    if isinstance(value, (Choice, Tuple)):
        inner = options(value) if isinstance(value, Choice) else value.items
        return any(holds(each, depth + 1) for each in inner)
    if isinstance(value, Data):
        return value.loss is not None
    return isinstance(value, Obj) and (
        value.kind in ("instance", "torch.parameters", "torch.nn.Parameter")
        or value.kind.startswith(
            ("torch.nn.", "torch.optim.", "keras.", "lightning.", "transformers.", "torchvision.models")
        )
    )


def hidden(event: Event) -> bool:
    """Whether code that cannot be seen may compute gradients, or step, here."""
    if event.kind == "fit":
        return True
    if event.kind != "unknown_call" or quiet(event):
        return False
    return any(map(holds, (event.target, *event.arguments)))


def quiet(event: Event) -> bool:
    root = event.receiver_text
    return root.startswith(_QUIET) and (root in _QUIET or root.startswith(tuple(f"{each}." for each in _QUIET)))


def vague(event: Event, *names: str) -> bool:
    """Whether code that cannot be seen is given one of these, or belongs to an object that may have them."""
    if event.kind != "unknown_call" or quiet(event):
        return False
    text = event.receiver_text
    given = any(name and name in event.names for name in names)
    return hidden(event) or given or not text or text.startswith("self.")


_ATTACKS = ("attack", "adversar", "perturb", "pgd", "fgsm", "saliency", "gradcam", "grad_cam", "captum")


def attacks(event: Event) -> bool:
    """Whether code that cannot be seen is called what computes gradients of inputs is called."""
    text = event.receiver_text.lower()
    return event.kind == "unknown_call" and any(word in text for word in _ATTACKS)


def on_the_way(event: Event, other: Event) -> bool:
    """Whether both can happen in one run."""
    return not exclusive(event.path, other.path)
