"""How a cohort of seeds takes a step: one model alone, or many as one vectorised program."""

from collections.abc import Sequence
from typing import Literal, Protocol

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from vmi.training.adam import Adam
from vmi.training.precision import Precision, products

__all__ = ["Alone", "Engine", "Stacked", "Tensors", "Trainable", "choose_engine", "not_stackable"]

Engine = Literal["auto", "loop", "vmap"]
Tensors = dict[str, Tensor]

LARGE = 400_000  # parameters, above which vmap was slower: results/published/speed/engines.csv


class Trainable(Protocol):
    """The interface of a model to the trainer, besides `nn.Module`; see `vmi.models.vae.VAE`."""

    phases: dict[str, tuple[str, ...]]
    noises: tuple[str, ...]

    def forward(self, phase: str, x: Tensor, noise: Tensors, step: int) -> Tensors:
        """Returns the terms of a phase, scalars, "loss" among them."""

    def draw_noise(self, name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        """Draws the noise of a name, of a batch shape."""


def choose_engine(model: nn.Module, device: str) -> Literal["loop", "vmap"]:
    """Returns the engine that measured faster; `benchmarks/speed/engines.py` measures again.

    On a CPU one program for all seeds saves the cost of starting operations, which is what a small
    model spends its time on (up to 2 times faster), and a large one loses by it (down to .8). The
    line is drawn by size. A rule and not a stopwatch, so that the same run gives the same bits
    twice. A model whose state does not stack runs in the loop.
    """
    large = sum(p.numel() for p in model.parameters()) > LARGE
    return "loop" if not_stackable(model) or (large and device == "cpu") else "vmap"


def not_stackable(model: nn.Module) -> str:
    """Why the states of several such models cannot be stacked, or "" if they can."""
    if next(model.buffers(), None) is not None:
        return "it has buffers, state that a step may change"
    names = [len(list(model.named_parameters(remove_duplicate=d))) for d in (True, False)]
    return "a parameter of it has two names" if names[0] != names[1] else ""


class Alone:
    """One seed's model with its optimisers; an axis of length one stands for the seeds.

    Args:
        models: One model; as many as there are seeds in `Stacked`.
        learning_rate: Adam's, for every phase.
        precision: Of the products in the networks.
    """

    engine: Literal["loop", "vmap"] = "loop"

    def __init__(
        self,
        models: Sequence[nn.Module],
        learning_rate: float,
        precision: Precision = "float32",
    ) -> None:
        self.models, self.phases, self.precision = models, models[0].phases, precision
        self.parameters = self._parameters()
        self.optimisers = {
            phase: Adam(self._moved_by(phase), learning_rate) for phase in self.phases
        }

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return next(iter(self.parameters.values())).device

    def state(self) -> Tensors:
        """Returns all that a step changes, by name: the tensors themselves."""
        parameters = {f"parameter/{name}": p for name, p in self.parameters.items()}
        buffers = {f"buffer/{name}": b for name, b in self.models[0].named_buffers()}
        moments = {
            f"{phase}/{name}": t
            for phase, optimiser in self.optimisers.items()
            for name, t in optimiser.state().items()
        }
        return parameters | buffers | moments

    def terms(self, phase: str, x: Tensor, noise: Tensors, step: int) -> Tensors:
        """Returns each term of a phase, (S,), for images (S, B, C, H, W) and their noise."""
        alone = self.models[0](phase, x[0], {name: n[0] for name, n in noise.items()}, step)
        return {name: term[None] for name, term in alone.items()}

    def step(self, x: Tensor, noise: Tensors, step: int) -> tuple[Tensors, Tensor]:
        """Takes a step of each phase in turn.

        Returns:
            The first phase's terms, (S,) each, and whether all losses were finite, (S,).
        """
        phases = [self._minimise(phase, x, noise, step) for phase in self.phases]
        return phases[0], torch.stack([terms["loss"] for terms in phases]).isfinite().all(0)

    def snapshot(self) -> list[Tensors]:
        """Returns a copy of each seed's state."""
        return [{n: t.detach().clone() for n, t in self.models[0].state_dict().items()}]

    def _parameters(self) -> Tensors:
        # Convolutions are faster so: results/published/speed/layout.csv.
        return dict(self.models[0].to(memory_format=torch.channels_last).named_parameters())

    def _moved_by(self, phase: str) -> list[Tensor]:
        """The parameters of the children that a phase names; () is what no other names."""
        mine = self.phases[phase]
        claimed = {child for children in self.phases.values() for child in children}

        def moved(child: str) -> bool:
            return child in mine if mine else child not in claimed

        return [p for name, p in self.parameters.items() if moved(name.partition(".")[0])]

    def _minimise(self, phase: str, x: Tensor, noise: Tensors, step: int) -> Tensors:
        """The seeds share no parameter, so the gradient of their summed loss is each one's own."""
        with products(self.precision, self.device.type):
            terms, optimiser = self.terms(phase, x, noise, step), self.optimisers[phase]
        if "loss" not in terms or any(term.shape != x.shape[:1] for term in terms.values()):
            raise TypeError(f"phase {phase!r} must return scalar tensors, 'loss' among them")
        optimiser.minimise(terms["loss"].sum())
        return {name: term.detach() for name, term in terms.items()}


class Stacked(Alone):
    """All seeds as one vectorised program; the first axis of everything is the seed.

    The models may hold no buffers: what a step assigns to one would be lost.
    """

    engine = "vmap"

    def terms(self, phase: str, x: Tensor, noise: Tensors, step: int) -> Tensors:
        """Returns each term of a phase, (S,), for images (S, B, C, H, W) and their noise."""

        def one(parameters: Tensors, x: Tensor, noise: Tensors) -> Tensors:
            arguments = (phase, x, noise, step)
            return functional_call(self.models[0], parameters, arguments, tie_weights=False)

        return vmap(one)(self.parameters, x, noise)

    def snapshot(self) -> list[Tensors]:
        """Returns a copy of each seed's state."""
        stacked = {n: t.detach().clone() for n, t in self.parameters.items()}
        return [{n: t[i] for n, t in stacked.items()} for i in range(len(self.models))]

    def _parameters(self) -> Tensors:
        return stack_module_state(list(self.models))[0]
