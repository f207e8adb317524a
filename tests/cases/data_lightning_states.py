import pytorch_lightning as pl, torch, pandas as pd
from torch import nn
from torch.utils.data import DataLoader, Dataset
from sklearn.preprocessing import MinMaxScaler


class Tab(Dataset):
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return {
            "x": torch.tensor(self.x[i], dtype=torch.float),
            "y": torch.tensor(self.y[i], dtype=torch.long),
        }


class DM(pl.LightningDataModule):
    def __init__(self, file):
        super().__init__()
        self.file = file

    def prepare_data(self):
        df = pd.read_csv(self.file)
        self.cols = [c for c in df.columns if c != "state"]
        df["state"] = df["state"].map({"off": 0, "idle": 1, "on": 2})
        df["state"] = MinMaxScaler().fit_transform(df[["state"]])
        self.df = df

    def setup(self, stage=None):
        self.tr = Tab(self.df[self.cols].values, self.df["state"].values)

    def train_dataloader(self):
        return DataLoader(self.tr, 16, shuffle=True)


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.m = nn.Sequential(nn.LazyLinear(32), nn.ReLU(), nn.Linear(32, 3))
        self.crit = nn.CrossEntropyLoss()

    def training_step(self, b, i):
        loss = self.crit(self.m(b["x"]), b["y"])
        self.log("l", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters())


pl.Trainer(max_epochs=1).fit(Net(), datamodule=DM("s.csv"))
