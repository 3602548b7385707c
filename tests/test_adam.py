"""Our call of torch's functional Adam is torch's own optimiser, bit for bit."""

import subprocess
import sys

import torch

from vmi.training.adam import Adam


def parameters():
    draw = torch.Generator().manual_seed(0)
    return [torch.randn(5, 3, generator=draw), torch.randn(3, generator=draw), torch.ones(2)]


def loss(a, b, _):
    """The gradient of `a` comes transposed; the last parameter has none."""
    return (a.T.contiguous() * b[:, None]).tanh().sum() + b.square().sum()


def test_it_is_torchs_adam_bit_for_bit():
    ours = [p.requires_grad_() for p in parameters()]
    theirs = [p.requires_grad_() for p in parameters()]
    adam, reference = Adam(ours, 0.01), torch.optim.Adam(theirs, lr=0.01, fused=True)
    for _ in range(20):
        adam.minimise(loss(*ours))
        reference.zero_grad()
        loss(*theirs).backward()
        reference.step()
    for a, b in zip(ours, theirs, strict=True):
        assert torch.equal(a, b)


def test_a_step_does_not_import_the_compiler():
    code = (
        "import sys, torch\nfrom vmi.training.adam import Adam\n"
        "p = torch.ones(1, requires_grad=True)\nAdam([p], 0.1).minimise(p.sum())\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
