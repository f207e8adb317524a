"""Models of the program being called where what they do is recorded for gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mllint.facts import Site
from mllint.frameworks.recording import MODEL_CALL
from mllint.frameworks.table import Call
from mllint.frameworks.tensors import recorders
from mllint.program import Argument, ModelCall
from mllint.reader.local import BoundFunction, LocalFunction
from mllint.values import FALSE, NONE, Data, Obj, Recorded, Value

if TYPE_CHECKING:
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter


def run(engine: Interpreter, obj: Obj, function: Value, framework: str, arguments: Arguments, site: Site) -> Value:
    """Call a model's own method, in the mode that it is told or that the model around it has."""
    from mllint.reader.calls import call

    outer = [context for context in engine.contexts if context.kind == MODEL_CALL]
    training = _training(function, arguments)
    inherited = outer[-1].value if outer else NONE
    said = training.value if training.value != NONE else inherited
    if framework == "keras" and not training.given and _default(function) == FALSE:
        arguments.keywords["training"] = (said, None)  # as if nobody had said: it may be told from outside
    with engine.within(MODEL_CALL, said, site) as context:
        result = call(engine, function, arguments, site)
    made = Call(engine, site, "", (), {}, True)
    tapes = recorders(made, framework)
    if tapes and not outer and framework == "keras":
        accepts = _parameter(function) or _many(function)
        engine.program.model_calls.append(
            ModelCall(site, framework, obj, training, tapes, tuple(context.notes or ()), accepts, engine.tick())
        )
    if isinstance(result, Data) and result.loss is None:
        return result.with_(recorded=Recorded(site, tapes))
    return result


def _function(value: Value) -> LocalFunction | None:
    inner = value.function if isinstance(value, BoundFunction) else value
    return inner if isinstance(inner, LocalFunction) else None


def _names(function: Value) -> list[str]:
    found = _function(function)
    if found is None:
        return []
    parameters = found.node.params
    return [each.name.value for each in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)]


def _parameter(function: Value) -> bool:
    return "training" in _names(function)


def _many(function: Value) -> bool:
    found = _function(function)
    return found is not None and found.node.params.star_kwarg is not None


def _default(function: Value) -> Value | None:
    found = _function(function)
    return None if found is None else found.defaults.get("training")


def _training(function: Value, arguments: Arguments) -> Argument:
    """The ``training`` argument of a call: given, or a default that says something."""
    if "training" in arguments.keywords:
        value, site = arguments.keywords["training"]
        return Argument(value, site, True)
    names = _names(function)
    place = names.index("training") - 1 if "training" in names else -1
    if 0 <= place < len(arguments.positional):
        value, site = arguments.positional[place]
        return Argument(value, site, True)
    default = _default(function)
    return Argument(NONE if default is None or default == FALSE else default)
