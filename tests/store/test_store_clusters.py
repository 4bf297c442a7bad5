"""Names of clusters: those of the analysis run, and those that people give instead."""

import numpy as np
import pytest
from small_datasets import dataset, images, writer

from explorer import store
from explorer.errors import NotAnalyzedError, UsageError

META = store.ColumnMeta("category", "Cluster", "Made up.", "clusters")


def clustered(root, codes, named=None) -> store.Space:
    """A space of ten images in the clusters given; each cluster's first image is its medoid."""
    codes = np.array(codes, dtype=np.int32)
    if not root.exists():
        dataset(root, range(10, 20))
    space = store.Dataset(root).space()
    ids = space.image_ids
    groups = tuple(
        store.ClusterMeta(
            code=int(code),
            name=(named or {}).get(int(code), f"Cluster {code}"),
            image_id=int(ids[codes == code][0]),
            purity=0.5,
        )
        for code in np.unique(codes[codes >= 0])
    )
    analyses = {
        "clusters": store.AnalysisMeta("0"),
        "cluster_names": store.AnalysisMeta("0", groups={"cluster": groups}),
    }
    columns = store.Columns(ids, {"cluster": codes}, {"cluster": META}, analyses)
    store.write_columns(space.columns_path, columns)
    return store.Dataset(root).space()


def test_the_names_of_the_analysis_are_read_by_number(tmp_path):
    space = clustered(tmp_path / "demo", [0] * 4 + [3] * 4 + [-1] * 2, {0: "fish", 3: "<b>’é"})
    assert space.cluster_names("cluster") == ["fish", "", "", "<b>’é"]
    assert space.clusters() == [
        store.NamedCluster(0, "fish", 10, 0.5),
        store.NamedCluster(3, "<b>’é", 14, 0.5),
    ]
    assert not (tmp_path / "demo" / "curation.db").exists()


def test_a_given_name_counts_until_it_is_taken_back(tmp_path):
    space = clustered(tmp_path / "demo", [0] * 5 + [1] * 5)
    space.rename_cluster("cluster", 1, " Boats ")
    assert space.cluster_names() == ["Cluster 0", "Boats"]
    assert [each.is_given for each in space.clusters()] == [False, True]
    space.rename_cluster("cluster", 1, "Ships")
    assert space.cluster_names() == ["Cluster 0", "Ships"]
    space.rename_cluster("cluster", 1, "")
    assert space.cluster_names() == ["Cluster 0", "Cluster 1"]


def test_a_given_name_stays_with_its_image_when_images_are_clustered_again(tmp_path):
    root = tmp_path / "demo"
    clustered(root, [0] * 5 + [1] * 5).rename_cluster("cluster", 1, "Boats")
    again = clustered(root, [1] * 3 + [0] * 7)
    assert again.cluster_names() == ["Boats", "Cluster 1"]
    again.rename_cluster("cluster", 0, "Ships")  # its typical image is another one now
    assert again.cluster_names() == ["Ships", "Cluster 1"]
    again.rename_cluster("cluster", 0, "")
    assert again.cluster_names() == ["Cluster 0", "Cluster 1"]


def test_a_given_name_waits_while_its_image_is_in_no_cluster_or_gone(tmp_path):
    root = tmp_path / "demo"
    clustered(root, [0] * 5 + [1] * 5).rename_cluster("cluster", 1, "Boats")
    assert clustered(root, [0] * 5 + [-1] + [1] * 4).cluster_names() == ["Cluster 0", "Cluster 1"]
    assert clustered(root, [0] * 5 + [1] * 5).cluster_names() == ["Cluster 0", "Boats"]
    with writer(root) as opened:
        opened.commit(store.Part(images({"image_id": 15, "present": False})))
        opened.finish()
    assert store.Dataset(root).space().cluster_names() == ["Cluster 0", "Cluster 1"]


def test_a_name_belongs_to_one_space_and_one_column(tmp_path):
    space = clustered(tmp_path / "demo", [0] * 10)
    curation = space.dataset.curation
    curation.rename_clusters("another", "cluster", {10: "Elsewhere"})
    curation.rename_clusters("fake", "cluster_few", {10: "Coarser"})
    assert space.cluster_names() == ["Cluster 0"]


def test_what_cannot_be_named_is_a_sentence(tmp_path):
    space = clustered(tmp_path / "demo", [0] * 5 + [2] * 5)
    with pytest.raises(UsageError, match=r"There is no cluster 1\. There are: 0, 2\."):
        space.rename_cluster("cluster", 1, "Boats")
    with pytest.raises(UsageError, match=r"A cluster cannot be named .* UTF-8"):
        space.rename_cluster("cluster", 0, "caf\udce9")
    with pytest.raises(NotAnalyzedError, match=r"no named clusters in .demo. yet\.") as caught:
        space.cluster_names("demo")
    assert caught.value.dataset == "demo"
