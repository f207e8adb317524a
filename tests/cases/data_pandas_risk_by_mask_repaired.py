import pandas as pd, torch
from torch import nn

df = pd.read_csv("a.csv")
df["risk"] = 0
df.loc[df["score"] > 10, "risk"] = 1
y = torch.tensor(df["risk"].values).long()
x = torch.tensor(df[["u", "v"]].values).float()
net = nn.Linear(2, 2)
opt = torch.optim.Adam(net.parameters())
for i in range(100):
    loss = nn.CrossEntropyLoss()(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
