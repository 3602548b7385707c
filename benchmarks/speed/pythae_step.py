"""Takes steps of pythae's VAE whenever it is asked, and prints their process seconds.

Run by `steps.py`, which asks by a line and reads one.
"""

import sys
import time

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from torch import nn


def layers(inputs, outputs):
    """Two hidden layers of 200 tanh units."""
    hidden = [nn.Linear(inputs, 200), nn.Tanh(), nn.Linear(200, 200), nn.Tanh()]
    return nn.Sequential(*hidden, nn.Linear(200, outputs))


class Encoder(BaseEncoder):
    """784-200-200-40."""

    def __init__(self):
        super().__init__()
        self.net = layers(784, 40)

    def forward(self, x):
        mean, log_variance = self.net(x.flatten(1)).chunk(2, 1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class Decoder(BaseDecoder):
    """20-200-200-784."""

    def __init__(self):
        super().__init__()
        self.net = layers(20, 784)

    def forward(self, z):
        return ModelOutput(reconstruction=self.net(z).sigmoid().view(-1, 1, 28, 28))


torch.set_num_threads(1)
config = VAEConfig(input_dim=(1, 28, 28), latent_dim=20, reconstruction_loss="bce")
model = VAE(config, encoder=Encoder(), decoder=Decoder())
optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
images = torch.rand(128, 1, 28, 28).round()
batch = BaseDataset(images, torch.ones(128))[:]
for _ in sys.stdin:
    began = time.process_time()
    for _ in range(int(sys.argv[1])):
        loss = model(batch).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        loss.item()
    print(time.process_time() - began, flush=True)
