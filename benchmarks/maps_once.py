"""The first map of a process, for benchmarks.maps: prints its seconds of processor time."""

import sys
import time

import numpy as np

from explorer.analysis import Graph, MapSettings, map_layout


def main() -> None:
    way, file = sys.argv[1:]
    given = np.load(file)
    graph, dimensions = Graph(given["n"], given["s"]), int(given["d"])
    started = time.process_time()
    if way == "ours":
        map_layout(graph, given["v"], MapSettings(dimensions=dimensions))
    else:
        from benchmarks.rivals import umap_fuzzy_set, umap_loop

        fuzzy = umap_fuzzy_set(graph, MapSettings().n_neighbors)
        umap_loop(fuzzy, given["v"], dimensions, seed=0)
    print(time.process_time() - started)


if __name__ == "__main__":
    main()
