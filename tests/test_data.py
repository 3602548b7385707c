"""Every data set keeps one contract; files are checked; sprites and Gaussians match the truth."""

import gzip
import hashlib
import os
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Independent, MultivariateNormal, Normal
from torchvision import datasets

from vmi.data import DATASETS, dsprites, files, load, omniglot, sprites
from vmi.data.dataset import Dataset, from_arrays, held_out
from vmi.data.files import File, data_root, find
from vmi.data.gaussian import LinearGaussian
from vmi.errors import DataWarning, UserError
from vmi.random import generator

SMALL = {
    "sprites": {"size": 16, "grid": (3, 2, 4, 3, 3)},
    "gaussian": {"dimensions": 6, "factors": 2, "n": 50},
}
FAMILIES = (datasets.MNIST, datasets.FashionMNIST, datasets.KMNIST)
SPLITS = ("train", "evaluation")


def md5_of(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def idx_bytes(array: np.ndarray) -> bytes:
    sizes = np.array(array.shape, ">i4").tobytes()
    return gzip.compress(bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes())


def fake_idx(root: Path, family: type, monkeypatch) -> None:
    """A small set in the format of MNIST, with its own table of checksums."""
    rng, table = np.random.default_rng(0), []
    folder = root / family.__name__ / "raw"
    folder.mkdir(parents=True)
    for (name, _), shape in zip(
        family.resources, [(30, 28, 28), 30, (20, 28, 28), 20], strict=True
    ):
        content = idx_bytes(
            rng.integers(10, size=shape, dtype=np.uint8) * (25 if "im" in name else 1)
        )
        (folder / name).write_bytes(content)
        table.append((name, md5_of(content)))
    monkeypatch.setattr(family, "resources", table)


def fake_npz(root: Path, module, monkeypatch, **arrays) -> None:
    path = root / module.FILE.path
    path.parent.mkdir(parents=True)
    np.savez_compressed(path, **arrays)
    monkeypatch.setattr(module, "FILE", replace(module.FILE, md5=files.md5(path)))


def fake_omniglot(root: Path, monkeypatch) -> None:
    rng = np.random.default_rng(0)
    fake_npz(
        root,
        omniglot,
        monkeypatch,
        images=rng.integers(256, size=(30, 98), dtype=np.uint8),
        alphabet=np.repeat(np.arange(3, dtype=np.uint8), 10),
        alphabet_names=np.array(["Greek", "Latin", "Tagalog"]),
        evaluation=np.arange(30) >= 20,
    )


def fake_dsprites(root: Path, monkeypatch) -> None:
    """Every 10,000th image of the grid, with a pickle that must never be opened."""
    classes = torch.cartesian_prod(*map(torch.arange, sprites.GRID))[::10_000]
    fake_npz(
        root,
        dsprites,
        monkeypatch,
        imgs=(sprites.draw(classes) // 255).squeeze(1).numpy(),
        latents_classes=torch.nn.functional.pad(classes, (1, 0)).numpy(),
        metadata=np.array({"a": "pickle"}),
    )
    monkeypatch.setattr(dsprites, "CHUNK", 7)


@pytest.fixture
def root(tmp_path: Path, monkeypatch) -> Path:
    """A data root with a small stand-in for every file, and no network."""
    for family in FAMILIES:
        fake_idx(tmp_path, family, monkeypatch)
    fake_omniglot(tmp_path, monkeypatch)
    fake_dsprites(tmp_path, monkeypatch)
    monkeypatch.setattr(files, "_download", no_network)
    return tmp_path


def no_network(url: str, path: Path) -> None:
    raise OSError("no route to host")


@pytest.fixture
def read_only(root: Path):
    folders = [root, *(p for p in root.rglob("*") if p.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield root
    for folder in folders:
        folder.chmod(0o755)


def real(path: str) -> Path:
    """The root that holds a real file; its test is skipped where there is none."""
    if "VMI_DATA" not in os.environ:
        pytest.skip("VMI_DATA is not set")
    if not (data_root() / path).is_file():
        pytest.skip(f"VMI_DATA holds no {path}")
    return data_root()


def check_split(dataset: Dataset, name: str) -> None:
    split = getattr(dataset, name)
    assert split.images.shape == (len(split), *dataset.shape) and len(split) > 0
    assert split.images.dtype in (torch.uint8, torch.float32) and split.images.isfinite().all()
    assert (split.labels is not None) == bool(dataset.label_names)
    if split.labels is not None:
        assert split.labels.dtype == torch.int64 and split.labels.shape == (len(split),)
        assert split.labels.min() >= 0 and split.labels.max() < len(dataset.label_names)
    assert (split.factors is not None) == bool(dataset.factor_names)
    if split.factors is not None:
        assert split.factors.shape == (len(split), len(dataset.factor_names))


def check_fixed(dataset: Dataset, name: str) -> None:
    images = dataset.fixed(name).images
    assert images.dtype == torch.float32
    if dataset.binary:
        assert set(images.unique().tolist()) == {0, 1}
    elif dataset.name != "gaussian":
        assert images.min() >= 0 and images.max() <= 1


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", DATASETS)
def test_contract(name, split, read_only):
    first, second = (load(name, root=read_only, **SMALL.get(name, {})) for _ in range(2))
    check_split(first, split)
    check_fixed(first, split)
    assert first.name == name and first.source
    for a, b in zip(
        vars(first.fixed(split)).values(), vars(second.fixed(split)).values(), strict=True
    ):
        assert (a is None and b is None) or torch.equal(a, b)


@pytest.mark.parametrize("name", ["sprites", "dsprites", "gaussian"])
def test_the_splits_share_no_image(name, root):
    dataset = load(name, root=root, **SMALL.get(name, {}))
    both = torch.cat([dataset.train.factors, dataset.evaluation.factors])
    assert len(both.unique(dim=0)) == len(both)


@given(n=st.integers(0, 300), name=st.text(max_size=5))
def test_held_out_rows_are_a_partition_that_the_name_fixes(n, name):
    train, evaluation = held_out(n, name)
    assert torch.equal(torch.cat([train, evaluation]).sort().values, torch.arange(n))
    assert len(evaluation) == pytest.approx(n / 5, abs=1)
    assert torch.equal(train, held_out(n, name)[0])


@pytest.mark.parametrize("name", ["digits", "mnist"])
@pytest.mark.parametrize("binarisation", ["none", "dynamic", "static"])
def test_binarisation_changes_the_pixels_and_never_the_split(name, binarisation, root):
    dataset = load(name, root=root, binarisation=binarisation)
    assert dataset.binary == (binarisation != "none")
    assert torch.equal(dataset.evaluation.labels, load(name, root=root).evaluation.labels)
    drawn = len(dataset.train.images.unique()) == 2
    assert drawn == (binarisation == "static")
    check_fixed(dataset, "train")


def test_bits_have_the_mean_of_the_pixels():
    dataset = load("digits")
    pixels, bits = dataset.train.images.double(), dataset.fixed("train").images
    error = (pixels * (1 - pixels)).sum().sqrt() / pixels.numel()
    assert abs(bits.mean() - pixels.mean()) < 4 * error


def test_static_bits_are_the_bits_of_every_evaluation():
    static, dynamic = load("digits", binarisation="static"), load("digits")
    assert torch.equal(static.fixed("evaluation").images, dynamic.fixed("evaluation").images)


def test_digits_are_sixteenths():
    images = load("digits").train.images
    assert torch.equal((images * 16).round() / 16, images) and images.max() == 1


def test_the_registry_imports_no_torch():
    code = "import sys, vmi.data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_users_own_function_needs_no_name(tmp_path, monkeypatch):
    (tmp_path / "my_own_file.py").write_text(
        "import torch\nfrom vmi.data.dataset import from_arrays\n"
        "def toy(*, n=10):\n    return from_arrays('toy', torch.zeros(n, 1, 2, 2))\n"
        "def wrong():\n    return 3\n"
        "def failing():\n    raise KeyError('a')\n"
        "def placed(root=None):\n    return toy(n=int(root))\n"
        "def keyword(*, root=None, n=9):\n    return toy(n=int(root) + n)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    dataset = load("my_own_file:toy", n=20)
    assert dataset.name == "my_own_file:toy" and len(dataset.train) == 16
    assert len(load("my_own_file:placed", root="30").train) == 24
    assert len(load("my_own_file:keyword", root="30", n=10).train) == 32
    with pytest.raises(UserError, match="is a int, not a vmi Dataset"):
        load("my_own_file:wrong")
    with pytest.raises(UserError, match="dataset 'my_own_file:failing': KeyError: 'a'"):
        load("my_own_file:failing")


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("mnits", {}, "did you mean 'mnist'"),
        ("digits", {"binarization": "none"}, "did you mean 'binarisation'"),
        ("digits", {"binarisation": "dynamc"}, "did you mean 'dynamic'"),
        ("sprites-16", {"size": 8}, "stands in the name already"),
        ("sprites-1.5", {}, "size wants a whole number of at least 1"),
        ("sprites", {"grid": (3, 6, 40, 32)}, "grid must be five numbers"),
        ("sprites", {"grid": (4, 6, 40, 32, 32)}, "grid must be five numbers"),
        ("sprites", {"grid": (3, 0, 40, 32, 32)}, "grid must be five numbers"),
        ("sprites", {"grid": 5}, "grid must be five numbers"),
        ("sprites", {"grid": "abcde"}, "grid must be five numbers"),
        ("sprites", {"grid": (3.0, 6, 40, 32, 32)}, "grid must be five numbers"),
        ("gaussian-2", {"factors": 3}, "1 <= factors <= dimensions"),
        ("gaussian", {"latents": 3}, "unknown setting"),
        ("gaussian", {"factors": 0}, "factors wants a whole number of at least 1"),
        ("gaussian-0", {}, "dimensions wants a whole number of at least 1"),
        ("gaussian", {"n": 2}, "n must be a whole number of at least 3"),
        ("gaussian", {"n": 100.0}, "n wants a whole number"),
        ("gaussian", {"scale": 0}, "scale > 0"),
    ],
)
def test_a_mistake_is_one_line(name, settings, message):
    with pytest.raises(UserError, match=message) as error:
        load(name, **settings)
    assert "\n" not in str(error.value)


# arrays of one's own

BITS = (np.arange(10 * 16).reshape(10, 1, 4, 4) % 3 == 0).astype("f4")
CLASSES = np.arange(10) % 3


@pytest.mark.parametrize(
    ("images", "labels", "factors"),
    [
        (BITS, CLASSES, CLASSES),
        (BITS.astype(bool), CLASSES.astype("i1"), CLASSES[:, None]),
        (BITS.astype("f8"), CLASSES.astype("u8")[:, None], np.stack([CLASSES, CLASSES], 1)),
        ((255 * BITS).astype("u1"), list(CLASSES), CLASSES / 3),
        (BITS.astype(">f4"), torch.from_numpy(CLASSES), torch.from_numpy(CLASSES)),
        (BITS.tolist(), CLASSES > 1, None),
        (torch.from_numpy(BITS), None, CLASSES.tolist()),
    ],
)
def test_arrays_of_any_make_are_one_data_set(images, labels, factors):
    dataset = from_arrays("own", images, labels, factors)
    dataset.check()
    assert torch.equal(
        dataset.fixed("train").images, torch.from_numpy(BITS)[held_out(10, "own")[0]]
    )
    split = dataset.evaluation
    assert labels is None or (split.labels.dtype == torch.int64 and split.labels.ndim == 1)
    assert factors is None or split.factors.shape == (2, len(dataset.factor_names))


REFUSED = {
    "no channel": ((BITS[:, 0],), "write images[:, None]"),
    "rows": ((BITS.reshape(10, 16),), "not (N, C, H, W)"),
    "channels last": ((np.zeros((9, 28, 28, 1), "f4"),), "write images.transpose(0, 3, 1, 2)"),
    "tensors with channels last": (
        (torch.zeros(9, 28, 28, 3),),
        "write images.permute(0, 3, 1, 2)",
    ),
    "text for images": ((BITS.astype(str),), "write images.astype(float)"),
    "objects": ((BITS.astype(object),), "write images.astype(float)"),
    "text labels": ((BITS, np.array(list("abc"))[CLASSES]), "write numpy.unique(labels"),
    "float labels": ((BITS, CLASSES / 1.0), "write labels.astype(int)"),
    "float tensors": ((BITS, torch.from_numpy(CLASSES / 1.0)), "write labels.astype(int)"),
    "one-hot labels": ((BITS, np.eye(3)[CLASSES]), "write labels.argmax(1)"),
    "few labels": ((BITS, CLASSES[:9]), "labels are 9, and the images 10"),
    "few factors": ((BITS, None, CLASSES[:9]), "factors are 9, and the images 10"),
    "a hole": ((BITS, None, np.full(10, np.nan)), "factors hold NaN"),
    "ragged": (([[1], [1, 2]],), "images are no array"),
    "whole pixels": (((9 * BITS).astype("i8"),), "torch.int64, not uint8 or float32: write"),
    "grey": ((BITS / 2,), "neither 0 nor 1: say binary=False"),
    "shades as bits": ((255 * BITS,), "divide them by 255"),
    "bits as shades": ((BITS.astype("u1"),), "255 stands for 1"),
    "no pixel": ((BITS * np.nan,), "a pixel is not finite"),
}


@pytest.mark.parametrize(("arrays", "said"), REFUSED.values(), ids=REFUSED)
def test_arrays_that_are_no_data_set_are_refused_with_what_mends_them(arrays, said):
    with pytest.raises(UserError, match=re.escape(said)) as error:
        from_arrays("own", *arrays).check()
    assert str(error.value).startswith("dataset 'own'") and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("images", "labels", "said"),
    [
        (255 * BITS, None, r"0 \.\.\. 255, not \[0, 1\]: divide them by 255"),
        (BITS.astype("u1"), None, "255 stands for 1"),
        (BITS, CLASSES - 1, "-1 is taken for a class"),
    ],
)
def test_what_is_no_mistake_for_sure_is_said(images, labels, said):
    with pytest.warns(DataWarning, match=said):
        from_arrays("own", images, labels, binary=False).check()


def test_real_values_are_no_shades():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        from_arrays("own", 100 * (BITS - 0.5), binary=False).check()


# files


def test_the_root_is_the_argument_then_the_variable_then_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VMI_DATA", "elsewhere")
    assert data_root("given") == tmp_path / "given" and data_root() == tmp_path / "elsewhere"
    monkeypatch.delenv("VMI_DATA")
    assert data_root() == tmp_path / "data"


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b[:50] + b"x" + b[51:], lambda b: b""]
)
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("kmnist", "KMNIST/raw/t10k-labels-idx1-ubyte.gz"),
        ("omniglot", omniglot.FILE.path),
        ("dsprites", dsprites.FILE.path),
    ],
)
def test_a_damaged_file_is_named_with_both_checksums(name, path, damage, root):
    content = (root / path).read_bytes()
    (root / path).write_bytes(damage(content))
    with pytest.raises(UserError) as error:
        load(name, root=root)
    for part in (str(root / path), md5_of(content), md5_of(damage(content)), "replace the file"):
        assert part in str(error.value)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("mnist", "MNIST/raw/train-images-idx3-ubyte.gz"),
        ("omniglot", omniglot.FILE.path),
        ("dsprites", dsprites.FILE.path),
    ],
)
def test_a_missing_file_in_a_read_only_root_says_what_to_do(name, path, root):
    (root / path).unlink()
    (root / path).parent.chmod(0o555)
    with pytest.raises(UserError) as error:
        load(name, root=root)
    (root / path).parent.chmod(0o755)
    for part in (f"missing file {root / path}", "put it there", "set VMI_DATA"):
        assert part in str(error.value)
    assert "\n" not in str(error.value) and not (root / path).exists()


def test_a_failed_download_names_every_mirror_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "_download", no_network)
    wanted = File("a/b.gz", md5_of(b"right"), ("http://one/b.gz", "http://two/b.gz"))
    with pytest.raises(
        UserError, match=r"http://one/b.gz: OSError: no route.*two/b.gz: OSError: no"
    ):
        find(wanted, tmp_path)
    assert not any(p.is_file() for p in tmp_path.rglob("*"))


def test_a_mirror_with_other_bytes_is_passed_over(tmp_path, monkeypatch):
    bytes_of = {"http://one/b.gz": b"wrong", "http://two/b.gz": b"right"}
    monkeypatch.setattr(files, "_download", lambda url, path: path.write_bytes(bytes_of[url]))
    path = find(File("a/b.gz", md5_of(b"right"), tuple(bytes_of)), tmp_path)
    assert path == tmp_path / "a" / "b.gz" and path.read_bytes() == b"right"
    assert list(path.parent.iterdir()) == [path]


def test_idx_axes_are_read_in_order(root):
    images = load("kmnist", root=root).evaluation.images
    rng = np.random.default_rng(0)
    for shape in [(30, 28, 28), 30]:
        rng.integers(10, size=shape, dtype=np.uint8)
    expected = rng.integers(10, size=(20, 28, 28), dtype=np.uint8) * 25
    assert np.array_equal(images.squeeze(1), expected)


# the real files


@pytest.mark.parametrize(
    ("name", "path", "sizes"),
    [
        ("mnist", "MNIST/raw/train-images-idx3-ubyte.gz", (60_000, 10_000)),
        ("fashion_mnist", "FashionMNIST/raw/train-images-idx3-ubyte.gz", (60_000, 10_000)),
        ("kmnist", "KMNIST/raw/train-images-idx3-ubyte.gz", (60_000, 10_000)),
        ("omniglot", omniglot.FILE.path, (19_280, 13_180)),
        ("dsprites", dsprites.FILE.path, (589_824, 147_456)),
    ],
)
def test_official_files(name, path, sizes):
    dataset = load(name, root=real(path))
    for split, size in zip(SPLITS, sizes, strict=True):
        check_split(dataset, split)
        assert len(getattr(dataset, split)) == size


def test_sprites_agree_with_the_official_frames():
    path = "dsprites/dsprites_real_frames.npz"
    with np.load(real(path) / path, allow_pickle=False) as arrays:
        frames = torch.from_numpy(np.unpackbits(arrays["imgs"], axis=1)).view(-1, 64, 64)
        classes = torch.from_numpy(arrays["latents_classes"])[:, 1:]
    wrong = (sprites.draw(classes).squeeze(1) // 255 != frames).sum((1, 2))
    assert wrong.max() <= 6
    assert (wrong == 0).double().mean() > 0.85
    assert wrong.sum() / frames.numel() < 1e-4


# sprites


def some_classes(n: int = 300) -> torch.Tensor:
    stream = generator("test", "sprites")
    return torch.stack([torch.randint(m, (n,), generator=stream) for m in sprites.GRID], 1)


def test_orientations_0_and_39_are_one_image():
    first, last = some_classes(), some_classes()
    first[:, 2], last[:, 2] = 0, 39
    assert torch.equal(sprites.draw(first), sprites.draw(last))


def test_the_square_repeats_each_90_degrees_and_the_ellipse_each_180():
    u, v = torch.rand(2, 20_000, generator=generator("test", "points")).double() * 32 - 16
    assert torch.equal(sprites.in_square(u, v), sprites.in_square(-v, u))
    assert torch.equal(sprites.in_ellipse(u, v), sprites.in_ellipse(-u, -v))
    assert (sprites.in_ellipse(u, v) != sprites.in_ellipse(-v, u)).any()
    assert (sprites.in_heart(u, v) != sprites.in_heart(-u, -v)).any()


@pytest.mark.parametrize("size", [1, 8, 16, 64, 65])
def test_no_ink_lies_outside_the_window(size, monkeypatch):
    drawn = sprites.draw(some_classes(), size)
    monkeypatch.setattr(sprites, "_INSIDE", [(inside, 99.0) for inside, _ in sprites._INSIDE])
    assert torch.equal(drawn, sprites.draw(some_classes(), size))


def test_sprites_keep_their_area_at_every_size():
    ink = [sprites.draw(some_classes(), size).double().mean() for size in (16, 32, 64, 128)]
    assert torch.allclose(torch.stack(ink), ink[-1], rtol=0.01)


def test_chunks_do_not_show(monkeypatch):
    whole = sprites.draw(some_classes())
    monkeypatch.setattr(sprites, "CHUNK", 7)
    assert torch.equal(whole, sprites.draw(some_classes()))


@pytest.mark.parametrize("bad", [[3, 0, 0, 0, 0], [0, 0, -1, 0, 0]])
def test_a_class_outside_the_grid_is_refused(bad):
    with pytest.raises(UserError, match="classes lie in"):
        sprites.draw(torch.tensor([bad]))


def test_a_sub_grid_holds_images_of_the_full_grid():
    split = load("sprites", grid=[2, 3, 4, 2, 3]).train
    chosen = [[0, 1], [0, 2, 5], [0, 10, 20, 30], [0, 31], [0, 16, 31]]
    classes = [[c[k] for c, k in zip(chosen, row, strict=True)] for row in split.factors.tolist()]
    assert torch.equal(split.images, sprites.draw(torch.tensor(classes)))
    assert torch.equal(split.labels, split.factors[:, 0])


@pytest.mark.parametrize("m", range(1, 41))
def test_a_sub_grid_has_no_value_twice(m):
    grid = tuple(min(m, n) for n in sprites.GRID)
    values = sprites.factor_values(grid)
    assert [len(v.unique()) for v in values] == list(grid)
    assert m == 40 or 39 not in values[2]


def test_a_number_in_the_name_is_the_size():
    dataset = load("sprites-16", grid=(3, 1, 2, 2, 2))
    assert dataset.name == "sprites-16" and dataset.train.images.shape[1:] == (1, 16, 16)


def test_dsprites_are_sprites(root):
    split = load("dsprites", root=root).train
    assert torch.equal(split.images, sprites.draw(split.factors))


# the linear-Gaussian world


@pytest.fixture(params=[(6, 2, 0.5), (5, 5, 1.0), (16, 4, 2.0)], ids=str)
def world(request) -> LinearGaussian:
    dimensions, latents, scale = request.param
    return LinearGaussian(dimensions=dimensions, latents=latents, scale=scale)


def covariance(world: LinearGaussian) -> torch.Tensor:
    noise = world.scale**2 * torch.eye(len(world.loadings), dtype=torch.float64)
    return world.loadings @ world.loadings.T + noise


def test_log_prob_is_that_of_a_multivariate_normal(world):
    x, _ = world.sample(20, generator("test"))
    truth = MultivariateNormal(torch.zeros_like(x[0]), covariance(world)).log_prob(x)
    assert torch.allclose(world.log_prob(x), truth, rtol=1e-10)
    assert torch.equal(world.log_prob(x.view(20, 1, 1, -1)), world.log_prob(x))


def test_posterior_is_bayes_rule(world):
    x, z = world.sample(20, generator("test"))
    prior = Independent(Normal(torch.zeros_like(z), 1.0), 1)
    likelihood = Independent(Normal(z @ world.loadings.T, world.scale), 1)
    bayes = prior.log_prob(z) + likelihood.log_prob(x) - world.log_prob(x)
    assert torch.allclose(world.posterior(x).log_prob(z), bayes, rtol=1e-10)


def test_information_is_the_gain_in_log_volume(world):
    d = len(world.loadings)
    gain = torch.linalg.slogdet(covariance(world)).logabsdet - 2 * d * np.log(world.scale)
    assert world.information() == pytest.approx(0.5 * gain.item(), rel=1e-10)


def test_samples_have_the_covariance_of_the_world(world):
    x, _ = world.sample(50_000, generator("test"))
    assert torch.allclose(torch.cov(x.T), covariance(world), atol=0.25)


def test_the_gaussian_set_holds_its_true_factors():
    split, world = load("gaussian", scale=0.01).train, LinearGaussian(scale=0.01)
    assert torch.allclose(world.posterior(split.images).mean.float(), split.factors, atol=0.1)
