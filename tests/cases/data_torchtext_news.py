import torch
from torch import nn
from torch.utils.data import DataLoader
from torchtext.datasets import AG_NEWS
from torchtext.data.utils import get_tokenizer
from torchtext.vocab import build_vocab_from_iterator
from torchtext.data.functional import to_map_style_dataset

tokenizer = get_tokenizer("basic_english")
train_iter, test_iter = AG_NEWS()
vocab = build_vocab_from_iterator(
    map(lambda r: tokenizer(r[1]), AG_NEWS(split="train")), specials=["<unk>"]
)
text_pipeline = lambda x: vocab(tokenizer(x))
label_pipeline = lambda x: int(x)


def collate_batch(batch):
    label_list, text_list, offsets = [], [], [0]
    for _label, _text in batch:
        label_list.append(label_pipeline(_label))
        processed = torch.tensor(text_pipeline(_text), dtype=torch.int64)
        text_list.append(processed)
        offsets.append(processed.size(0))
    label_list = torch.tensor(label_list, dtype=torch.int64)
    offsets = torch.tensor(offsets[:-1]).cumsum(dim=0)
    return label_list.to("cpu"), torch.cat(text_list).to("cpu"), offsets.to("cpu")


loader = DataLoader(
    to_map_style_dataset(train_iter), batch_size=8, shuffle=True, collate_fn=collate_batch
)


class TextModel(nn.Module):
    def __init__(self, vocab_size, dim, n):
        super().__init__()
        self.embedding = nn.EmbeddingBag(vocab_size, dim)
        self.fc = nn.Linear(dim, n)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextModel(len(vocab), 64, 4)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=5)


def train(dataloader):
    model.train()
    for idx, (label, text, offsets) in enumerate(dataloader):
        optimizer.zero_grad()
        predicted = model(text, offsets)
        loss = criterion(predicted, label)
        loss.backward()
        optimizer.step()


train(loader)
