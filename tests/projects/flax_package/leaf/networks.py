from flax import linen as nn

ACTIVATIONS = {"none": lambda x: x, "softmax": nn.softmax}


class Residual(nn.Module):
    width: int

    @nn.compact
    def __call__(self, x):
        y = nn.relu(nn.Dense(self.width)(x))
        return x + nn.Dense(self.width)(y)


class LeafNet(nn.Module):
    width: int
    depth: int
    species: int
    output: str = "softmax"

    def setup(self):
        self.stem = nn.Dense(self.width)
        self.blocks = [Residual(self.width) for _ in range(self.depth)]
        self.head = nn.Dense(self.species)

    def __call__(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return ACTIVATIONS[self.output](self.head(x))


def build(settings):
    return LeafNet(width=settings.width, depth=settings.depth, species=settings.species)
