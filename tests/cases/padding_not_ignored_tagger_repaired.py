"""Names in newspaper articles."""

import torch
from torch import nn, optim
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader, Dataset

from corpus import load_conll


class Articles(Dataset):
    def __init__(self, sentences, tags):
        self.sentences, self.tags = sentences, tags

    def __len__(self):
        return len(self.sentences)

    def __getitem__(self, number):
        return torch.LongTensor(self.sentences[number]), torch.LongTensor(self.tags[number])


def pad_batch(batch):
    x, y = zip(*batch)
    lengths = torch.tensor([len(sentence) for sentence in x])
    return pad_sequence(x, batch_first=True), pad_sequence(y, batch_first=True, padding_value=-1), lengths


class BiLSTM(nn.Module):
    def __init__(self, words, tags):
        super().__init__()
        self.embedding = nn.Embedding(words, 100, padding_idx=0)
        self.lstm = nn.LSTM(100, 128, bidirectional=True, batch_first=True)
        self.head = nn.Linear(256, tags)

    def forward(self, x, lengths):
        packed = pack_padded_sequence(self.embedding(x), lengths, batch_first=True, enforce_sorted=False)
        states, _ = self.lstm(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)
        return self.head(states)


class Finder:
    def __init__(self, model):
        self.model = model
        self.criterion = nn.CrossEntropyLoss(ignore_index=-1)
        self.optimizer = optim.Adam(model.parameters())

    def fit(self, loader, epochs):
        for _ in range(epochs):
            for x, y, lengths in loader:
                self.optimizer.zero_grad()
                scores = self.model(x, lengths)
                loss = self.criterion(scores.view(-1, scores.shape[-1]), y.view(-1))
                loss.backward()
                self.optimizer.step()


sentences, tags = load_conll("train.txt")
loader = DataLoader(Articles(sentences, tags), batch_size=32, shuffle=True, collate_fn=pad_batch)
Finder(BiLSTM(20_000, 9)).fit(loader, 5)
