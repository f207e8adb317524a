"""The old Keras ``Tokenizer``, which learns its vocabulary from the texts it is shown."""

from __future__ import annotations

from mllint.frameworks import data_methods, lineage
from mllint.frameworks.table import Call, alias, method, row
from mllint.program import Transform
from mllint.values import NONE, UNKNOWN, Data, Obj, Value

TOKENIZER = "keras.preprocessing.text.Tokenizer"
alias(TOKENIZER, "keras_preprocessing.text.Tokenizer", "keras.legacy.preprocessing.text.Tokenizer")


@row(TOKENIZER)
def tokenizer(call: Call, num_words: Value = NONE, *more: Value, **rest: Value) -> Value:
    return call.new(TOKENIZER)


@method(TOKENIZER, "fit_on_texts", "fit_on_sequences")
def fit_on_texts(call: Call, receiver: Obj, texts: Value) -> Value:
    data = lineage.as_data(call, lineage.single(texts))
    before = call.get(receiver, "fitted")
    _record(call, receiver, data, "fit", before if isinstance(before, Data) else None)
    call.set(receiver, "fitted", data or Data(space=UNKNOWN))
    return NONE


@method(TOKENIZER, "texts_to_sequences", "texts_to_matrix", "sequences_to_matrix")
def texts_to_sequences(call: Call, receiver: Obj, texts: Value, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, lineage.single(texts))
    _record(call, receiver, data, "transform", None)
    if data is None:
        return UNKNOWN
    made = data_methods.transformed(data).did("fitted-transform", call.site, receiver)
    return made.with_(names=None, shape=None, tags=made.tags - {"column", "frame"})


def _record(call: Call, receiver: Obj, data: Data | None, action: str, before: Data | None) -> None:
    call.program.transforms.append(
        Transform(
            call.site,
            "keras",
            "Tokenizer",
            action,
            receiver,
            data,
            refit=before is not None,
            earlier_data=before,
            order=call.tick(),
            name_site=call.name_site,
        )
    )
