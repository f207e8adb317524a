"""A language model that keeps its state from window to window."""

import torch
import torch.nn as nn


class RNNModel(nn.Module):
    def __init__(self, ntoken, ninp, nhid):
        super().__init__()
        self.drop = nn.Dropout(0.2)
        self.encoder = nn.Embedding(ntoken, ninp)
        self.rnn = nn.LSTM(ninp, nhid)
        self.decoder = nn.Linear(nhid, ntoken)
        self.nhid = nhid

    def forward(self, input, hidden):
        emb = self.drop(self.encoder(input))
        output, hidden = self.rnn(emb, hidden)
        return self.decoder(self.drop(output)), hidden

    def init_hidden(self, bsz):
        return (torch.zeros(1, bsz, self.nhid), torch.zeros(1, bsz, self.nhid))


model = RNNModel(10000, 200, 200)
crit = nn.CrossEntropyLoss()
opt = torch.optim.SGD(model.parameters(), lr=1)
data = torch.load("c.pt")
hidden = model.init_hidden(20)
for i in range(0, data.size(0), 35):
    x = data[i : i + 35]
    y = data[i + 1 : i + 36]
    hidden = tuple(h.detach() for h in hidden)
    out, hidden = model(x, hidden)
    loss = crit(out.view(-1, 10000), y.view(-1))
    opt.zero_grad()
    loss.backward()
    opt.step()
