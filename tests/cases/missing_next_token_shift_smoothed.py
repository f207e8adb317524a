"""Label smoothing for a causal language model, in a Trainer of its own."""

from datasets import load_dataset
from torch import nn
from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainingArguments


class SmoothedTrainer(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        labels = inputs["input_ids"]
        outputs = model(**inputs)
        logits = outputs.logits
        criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
        loss = criterion(logits.view(-1, logits.size(-1)), labels.view(-1))
        return (loss, outputs) if return_outputs else loss


def read(path, tokenizer):
    def tokenize(rows):
        return tokenizer(rows["text"], truncation=True, max_length=128)

    return load_dataset("text", data_files=path)["train"].map(tokenize, batched=True, remove_columns=["text"])


def main():
    tokenizer = AutoTokenizer.from_pretrained("gpt2")
    trainer = SmoothedTrainer(
        model=AutoModelForCausalLM.from_pretrained("gpt2"),
        args=TrainingArguments(output_dir="sagas", per_device_train_batch_size=1, num_train_epochs=3),
        train_dataset=read("sagas.txt", tokenizer),
    )
    trainer.train()


main()
