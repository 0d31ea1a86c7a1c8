"""PyTorch as a peer: requests as lines of JSON on standard input, answers on standard output.

Each way of computing is one the library offers: its fused attention where it has one ("torch"),
plain tensor operations ("torch-eager"), and FlexAttention, compiled ("torch-flex").
"""

import gc
import importlib
import json
import math
import sys
import time

import torch
import torch.nn.functional as F


def numbers(seed, shape, deviation):
    """The numbers that every peer draws for itself."""
    low = 0xFFFFFFFF
    count = math.prod(shape)
    x = (torch.arange(count, dtype=torch.int64) * 0x9E3779B1 + seed * 0x85EBCA77) & low
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & low
    x = ((x ^ (x >> 15)) * 0x846CA68B) & low
    x = (x ^ (x >> 16)) >> 8
    values = (x.double() / 2**23 - 1) * math.sqrt(3)
    return (deviation * values.float().double()).float().reshape(shape)


def slopes(heads):
    return torch.tensor([2 ** (-8 * (h + 1) / heads) for h in range(heads)])


def distance(n, m):
    return torch.arange(n).reshape(n, 1) - torch.arange(m).reshape(1, m)


def bias_of(task, sizes):
    """What is added to the scores, or None: a matrix, since nothing else can be given."""
    graph, edge = task["graph"], task.get("edge")
    if graph == "complete" and edge is None:
        return None
    far = distance(sizes["N"], sizes["M"])
    bias = torch.zeros(1, sizes["H"] if edge == "slopes" else 1, sizes["N"], sizes["M"])
    if edge == "slopes":
        bias -= slopes(sizes["H"]).reshape(1, -1, 1, 1) * far
    bias.masked_fill_(far < 0, -math.inf)
    if graph != "causal":
        bias.masked_fill_(far > graph["back"], -math.inf)
    return bias


def eager(query, key, value, bias=None):
    scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
    return torch.softmax(scores if bias is None else scores + bias, -1) @ value


def kernel_of(way):
    if way == "torch" and not hasattr(F, "scaled_dot_product_attention"):
        raise RuntimeError(f"PyTorch {torch.__version__} has no fused attention, 2.0 has")
    return fused if way == "torch" else eager


def fused(query, key, value, bias=None):
    return F.scaled_dot_product_attention(query, key, value, attn_mask=bias)


def flexible(task, sizes):
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    graph = task["graph"]
    slope = slopes(sizes["H"])

    def score(s, b, h, i, j):
        return s - slope[h] * (i - j)

    def admitted(b, h, i, j):
        return i >= j if graph == "causal" else (i >= j) & (i - j <= graph["back"])

    mask = None
    if graph != "complete":
        mask = create_block_mask(admitted, None, None, sizes["N"], sizes["M"], device="cpu")
    compiled = torch.compile(flex_attention, dynamic=False)
    options = {"block_mask": mask}
    if task.get("edge") == "slopes":
        options["score_mod"] = score
    return lambda query, key, value: compiled(query, key, value, **options)


def attention(way, task, sizes, given):
    query, key, value = given["query"], given["key"], given["value"]
    if way == "torch-flex":
        attend = flexible(task, sizes)
    else:
        kernel, bias = kernel_of(way), bias_of(task, sizes)
        attend = lambda q, k, v: kernel(q, k, v, bias)
    if task["reads"] != "gradient":
        return lambda: {"expectation": attend(query, key, value)}
    leaves = [tensor.requires_grad_() for tensor in (query, key, value)]

    def backward():
        answer = attend(*leaves)
        found = torch.autograd.grad(answer, leaves, given["d_expectation"])
        return dict(zip(("d_query", "d_key", "d_value"), found))

    return backward


def hopfield(way, task, given):
    kernel = kernel_of(way)

    def run():
        state = given["state"]
        for _ in range(task["steps"]):
            state = kernel(state, given["patterns"], given["patterns"])
        return {"state": state}

    return run


def slot(task, given):
    def run():
        inputs, slots = given["inputs"], given["slots"]
        for _ in range(task["steps"]):
            chosen = torch.softmax(inputs @ slots.transpose(-1, -2), -1)
            slots = (chosen.transpose(-1, -2) @ inputs) / chosen.sum(1).unsqueeze(-1)
        return {"slots": slots}

    return run


def mixture(task, given):
    """Blocks of 600 queries, which are faster than the whole matrix."""
    query, first, value = (given[name][0, 0] for name in ("query", "key", "value"))

    def explain(block, keys):
        return torch.softmax(block @ keys.T - keys.square().sum(1) / 2, -1)

    def run():
        keys = first
        for _ in range(task["steps"]):
            sums, mass = first.clone(), torch.ones(first.shape[0])
            for block in query.split(600):
                weights = explain(block, keys)
                sums.addmm_(weights.T, block)
                mass += weights.sum(0)
            keys = sums / mass.unsqueeze(1)
        return {"expectation": torch.cat([explain(b, keys) @ value for b in query.split(600)])}

    return run


def training(task, sizes, given):
    names = ("query_weight", "key_weight", "readout")
    weights = [given[name].requires_grad_() for name in names]
    adam = torch.optim.Adam(weights, lr=3e-3)
    same = torch.eye(sizes["N"], dtype=torch.bool)

    def run():
        nodes = given["nodes"]
        scores = (nodes @ weights[0].T) @ (nodes @ weights[1].T).transpose(-1, -2)
        scores = scores / math.sqrt(sizes["D"])
        posterior = torch.softmax(scores.masked_fill(same, -math.inf), -1)
        once = posterior @ (nodes @ weights[2]).unsqueeze(-1)
        predicted = (once + posterior @ once)[:, -1, 0]
        adam.zero_grad()
        (predicted - given["target"]).square().mean().backward()
        adam.step()
        return {f"d_{name}": weight.grad for name, weight in zip(names, weights)}

    return run


def opened(way, workload, specs):
    task, sizes = workload["task"], workload["sizes"]
    given = {
        spec["name"]: numbers(k + 1, spec["shape"], spec["deviation"])
        for k, spec in enumerate(specs)
    }
    if task["kind"] == "attention":
        return attention(way, task, sizes, given)
    if task["kind"] == "hopfield":
        return hopfield(way, task, given)
    if task["kind"] == "slot":
        return slot(task, given)
    if task["kind"] == "mixture":
        return mixture(task, given)
    return training(task, sizes, given)


def resident(field):
    """Resident memory of this process in MiB, now ("VmRSS") or at most ("VmHWM")."""
    with open("/proc/self/status", encoding="utf-8") as status:
        for line in status:
            if line.startswith(field):
                return int(line.split()[1]) / 1024
    return math.nan


def forget_peak():
    try:
        with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
            file.write("5")
    except OSError:
        pass


class Peer:
    def __init__(self, way):
        self.way = way
        self.run = None
        self.answer = {}
        self.loaded = 0.0

    def load(self, request):
        torch.set_num_threads(request["threads"])
        if self.way == "torch-flex":
            importlib.import_module("torch.nn.attention.flex_attention")
        gc.collect()
        forget_peak()
        self.loaded = resident("VmRSS")
        return {"versions": {"torch": torch.__version__}}

    def open(self, request):
        started = time.perf_counter()
        self.run = opened(self.way, request["workload"], request["specs"])
        return {"milliseconds": 1000 * (time.perf_counter() - started)}

    def call(self, request):
        started = time.perf_counter()
        for _ in range(request["calls"]):
            self.answer = self.run()
        return {"milliseconds": 1000 * (time.perf_counter() - started) / request["calls"]}

    def rows(self, request):
        found = {}
        for name, places in request["picks"].items():
            tensor = self.answer[name].detach()
            rows = tensor.reshape(-1, tensor.shape[-1])
            found[name] = [rows[place].tolist() for place in places]
        return {"rows": found}

    def memory(self, _):
        return {"mebibytes": resident("VmHWM") - self.loaded}


def main():
    peer = Peer(sys.argv[1])
    # Whatever a compiler prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = getattr(peer, request["kind"])(request)
        except Exception as error:  # noqa: BLE001: every failure is the row's reason
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps({"id": request["id"], **answer}) + "\n")
        answers.flush()


main()
