"""The map in a real browser, driven as a user would."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from support.browser import OpenPage, RunApp
from support.fake_dataset import BROKEN_ID, EVIL, FIRST_ID, FakeDataset, FakeSpace
from support.maps import place, places

from explorer.serving.assets import asset_url

pytestmark = pytest.mark.e2e
N = 2000
EXPECTED = (f"/{BROKEN_ID}.jpg",)
READY = ".explorer-map[data-ready]"


@pytest.fixture(scope="module")
def app_url(run_app: RunApp) -> str:
    return run_app("tests/ui/components_app.py", str(N))


@pytest.fixture
def page(open_page: OpenPage, app_url: str) -> Page:
    opened = open_page(app_url, expected=EXPECTED)
    opened.wait_for_selector(READY)
    return opened


@pytest.fixture(scope="module")
def space() -> FakeSpace:
    return FakeSpace(FakeDataset(N))


def lonely_row(space: FakeSpace) -> int:
    """A point with no other near it, so that no test hits its neighbour."""
    places = np.stack([space.columns["map_x"].to_numpy(), space.columns["map_y"].to_numpy()], 1)
    gaps = ((places[:, None] - places[None, ::1]) ** 2).sum(-1)
    np.fill_diagonal(gaps, np.inf)
    return int(gaps.min(axis=1).argmax())


def draw(page: Page, corners: list[tuple[float, float]], key: str | None = None) -> None:
    """A lasso with the mouse through corners given as parts of the frame's width and height."""
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    points = [
        (frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in corners
    ]
    if key:
        page.keyboard.down(key)
    page.mouse.move(*points[0])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(x, y, steps=5)
    page.mouse.up()
    if key:
        page.keyboard.up(key)


LEFT = [(0.0, 0.12), (0.5, 0.12), (0.5, 0.99), (0.0, 0.99)]
MIDDLE = [(0.3, 0.12), (0.7, 0.12), (0.7, 0.99), (0.3, 0.99)]


def inside(page: Page, corners: list[tuple[float, float]]) -> set[int]:
    """The rows in a lasso whose corners are an upright box, by where the map says they are."""
    found = page.locator(".explorer-map").evaluate(
        """(map, [box, n]) => {
            const frame = map.querySelector('.plot').getBoundingClientRect();
            const rows = [];
            for (let row = 0; row < n; row++) {
                const point = map.pointOnScreen(row);
                const x = (point.x - frame.x) / frame.width;
                const y = (point.y - frame.y) / frame.height;
                if (x > box[0] && x < box[2] && y > box[1] && y < box[3]) rows.push(row);
            }
            return rows;
        }""",
        [[*corners[0], *corners[2]], N],
    )
    return set(found)


def expect_selected(page: Page, count: int) -> None:
    expect(page.get_by_text(f"Selected: {count}", exact=True)).to_be_visible()
    shown = f"{N:,} images" + (f" · {count:,} selected" if count else "")
    expect(page.locator(".status")).to_have_text(shown)


def test_hover_shows_the_photo_and_its_name_as_text(page: Page, space: FakeSpace) -> None:
    row = int(np.flatnonzero(space.groups == 0)[0])
    x, y = place(page, row)
    page.mouse.move(x - 40, y)
    page.mouse.move(x, y)
    tooltip = page.get_by_test_id("map-tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip.locator("img")).to_have_js_property("naturalWidth", 256)
    expect(tooltip).to_contain_text("Label · image ")
    page.mouse.move(x, 20)
    expect(tooltip).to_be_hidden()


def test_names_with_html_show_as_text(page: Page, space: FakeSpace) -> None:
    expect(page.locator(".legend .name").first).to_have_text(EVIL)
    row = int(np.flatnonzero(space.groups == 0)[0])
    page.mouse.move(*place(page, row))
    expect(page.get_by_test_id("map-tooltip")).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert page.locator(".explorer-map img").count() == 1


def test_a_name_at_the_edge_of_the_map_is_not_cut_off(page: Page) -> None:
    drawn = page.evaluate(
        """async ([url, frame, labels]) => {
            const { drawLabels } = await import(url);
            const pen = document.createElement("canvas").getContext("2d");
            const drawn = [];
            pen.fillText = (text, x, y) => drawn.push([x, y, pen.measureText(text).width / 2]);
            drawLabels(pen, { font: "sans-serif" }, frame, labels);
            return drawn;
        }""",
        [
            asset_url("map/overlay.js"),
            {"width": 400, "height": 300},
            [
                {"x": x, "y": y, "text": "a name of some length", "size": 3}
                for x, y in ((2, 1), (398, 150), (200, 299))
            ],
        ],
    )
    assert len(drawn) == 3
    for x, y, half in drawn:
        assert half <= x <= 400 - half
        assert 6 <= y <= 294
    assert drawn[2][0] == 200


def test_a_click_asks_for_that_photo(page: Page, space: FakeSpace) -> None:
    row = lonely_row(space)
    page.mouse.click(*place(page, row))
    expect(page.get_by_text(f"Query: {FIRST_ID + row}", exact=True)).to_be_visible()


def test_a_lasso_selects_adds_subtracts_and_escape_lets_go(page: Page) -> None:
    left, middle = inside(page, LEFT), inside(page, MIDDLE)
    assert left - middle
    assert middle - left
    draw(page, LEFT)
    expect_selected(page, len(left))
    draw(page, MIDDLE, key="Shift")
    expect_selected(page, len(left | middle))
    draw(page, LEFT, key="Alt")
    expect_selected(page, len(middle - left))
    page.locator(".plot").focus()
    page.keyboard.press("Escape")
    expect_selected(page, 0)


def test_both_keys_keep_what_is_in_both(page: Page) -> None:
    left, middle = inside(page, LEFT), inside(page, MIDDLE)
    draw(page, LEFT)
    expect_selected(page, len(left))
    page.keyboard.down("Alt")
    draw(page, MIDDLE, key="Shift")
    page.keyboard.up("Alt")
    expect_selected(page, len(left & middle))


def test_single_points_are_selected_by_click_and_by_key(page: Page, space: FakeSpace) -> None:
    row = lonely_row(space)
    page.mouse.click(*place(page, row))  # a plain click selects nothing
    expect(page.get_by_text(f"Query: {FIRST_ID + row}", exact=True)).to_be_visible()
    expect_selected(page, 0)
    page.keyboard.down("Shift")
    page.mouse.click(*place(page, row))
    page.keyboard.up("Shift")
    expect_selected(page, 1)
    page.keyboard.down("Alt")
    page.mouse.click(*place(page, row))
    page.keyboard.up("Alt")
    expect_selected(page, 0)
    x, y = place(page, row)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    for count in (1, 0):
        page.locator(".plot").press("Space")
        expect_selected(page, count)


def test_what_the_filter_hides_can_neither_be_picked_nor_selected(page: Page) -> None:
    page.get_by_text("Only the first half").click()
    expect(page.locator(".status")).to_have_text(f"{N // 2:,} images of {N:,}")
    expected = {row for row in inside(page, LEFT) if row < N // 2}
    draw(page, LEFT)
    expect(page.get_by_text(f"Selected: {len(expected)}", exact=True)).to_be_visible()


def test_the_legend_makes_a_class_stand_out_and_the_lasso_keeps_to_it(
    page: Page, space: FakeSpace
) -> None:
    entry = page.get_by_role("button", name=re.compile("^class 02"))
    entry.click()
    expect(entry).to_have_attribute("aria-pressed", "true")
    draw(page, [(0, 0.12), (1, 0.12), (1, 0.999), (0, 0.999)])
    expected = inside(page, [(0, 0.12), (1, 0.12), (1, 0.999)]) & set(
        np.flatnonzero(space.groups == 2).tolist()
    )
    expect(page.get_by_text(f"Selected: {len(expected)}", exact=True)).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(entry).to_have_attribute("aria-pressed", "false")


def test_a_range_of_numbers_can_be_brushed_with_the_keyboard(page: Page) -> None:
    choose_color(page, "score")
    page.get_by_role("slider", name="At least").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Show all")).to_be_hidden()  # an empty range is none
    page.keyboard.press("PageDown")
    expect(page.get_by_role("button", name="Show all")).to_be_visible()


def choose_color(page: Page, name: str) -> None:
    page.get_by_role("radiogroup").or_(
        page.locator("[data-testid=stButtonGroup]")
    ).first.get_by_text(name, exact=True).click()
    page.wait_for_selector(f".explorer-map[data-ready*={name}]")


def test_another_colour_moves_neither_the_view_nor_the_coordinates(page: Page) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    x, y = place(page, 42)
    page.mouse.move(x, y)
    page.mouse.wheel(0, -400)
    zoomed = place(page, 7)
    choose_color(page, "score")
    assert place(page, 7) == zoomed
    assert not [url for url in requested if "map_x" in url or "image_id" in url]


def test_the_view_survives_a_change_of_page(page: Page) -> None:
    start = place(page, 7)
    page.get_by_role("button", name="Zoom in").click()
    zoomed = place(page, 7)
    assert zoomed != start
    page.get_by_role("link", name="Gallery").click()
    page.wait_for_selector(".explorer-gallery[data-ready]")
    page.get_by_role("link", name="Map").click()
    page.wait_for_selector(READY)
    assert place(page, 7) == zoomed
    page.locator(".plot").dblclick(position={"x": 5, "y": 300})
    assert place(page, 7) == start


def test_zoom_ends_when_near_points_are_a_photo_apart_and_when_all_fill_half(
    page: Page, space: FakeSpace
) -> None:
    page.wait_for_selector(".explorer-map[data-pickable]")
    row = lonely_row(space)
    for _ in range(40):
        page.mouse.move(*place(page, row))
        page.mouse.wheel(0, -600)
    points = places(page, range(N))
    gaps = np.linalg.norm(points[:, None] - points[None], axis=-1)
    np.fill_diagonal(gaps, np.inf)
    nearest = gaps.min(axis=1)
    assert np.quantile(nearest[nearest > 0], 0.05) == pytest.approx(96, rel=0.05)
    for _ in range(40):
        page.mouse.wheel(0, 600)
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    points = places(page, range(N))
    share = np.ptp(points, axis=0) / (frame["width"], frame["height"])
    assert 0.5 < share.max() < 0.9


def test_the_points_cannot_be_lost_by_moving(page: Page) -> None:
    page.locator(".plot").focus()
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    points = places(page, range(N))
    assert (points[:, 0] < frame["x"] + frame["width"]).any()


def test_keys_zoom_pan_reset_and_open_the_photo_in_the_middle(page: Page) -> None:
    start = place(page, 7)
    page.locator(".plot").focus()
    for key, undo in [("+", "-"), ("ArrowLeft", "ArrowRight"), ("ArrowUp", "ArrowDown")]:
        page.keyboard.press(key)
        assert place(page, 7) != start
        page.keyboard.press(undo)
        assert place(page, 7) == pytest.approx(start, abs=0.01)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("0")
    assert place(page, 7) == pytest.approx(start, abs=0.01)
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    x, y = place(page, 42)
    steps_x = round((x - frame["x"] - frame["width"] / 2) / 60)
    steps_y = round((y - frame["y"] - frame["height"] / 2) / 60)
    for key, count in [
        ("ArrowRight" if steps_x > 0 else "ArrowLeft", abs(steps_x)),
        ("ArrowDown" if steps_y > 0 else "ArrowUp", abs(steps_y)),
    ]:
        for _ in range(count):
            page.keyboard.press(key)
    expect(page.get_by_test_id("map-tooltip")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"Query: \d+"))).to_be_visible()


def test_dragging_with_space_or_the_middle_button_pans(page: Page) -> None:
    for press, button in [("Space", "left"), (None, "middle")]:
        before = place(page, 7)
        page.locator(".plot").focus()
        if press:
            page.keyboard.down(press)
        drag(page, button)
        if press:
            page.keyboard.up(press)
        after = place(page, 7)
        assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((80, 40), abs=0.01)
    expect_selected(page, 0)


def drag(page: Page, button: str) -> None:
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    x, y = frame["x"] + 300, frame["y"] + 300
    page.mouse.move(x, y)
    page.mouse.down(button=button)  # type: ignore[arg-type]
    page.mouse.move(x + 80, y + 40, steps=4)
    page.mouse.up(button=button)  # type: ignore[arg-type]


def test_two_fingers_zoom_and_move(page: Page) -> None:
    frame = page.locator(".plot").bounding_box()
    assert frame is not None
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    before = [place(page, row) for row in (7, 8)]
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        sent = [{"x": px, "y": py, "id": number} for number, (px, py) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": sent})

    fingers("touchStart", (x - 50, y))
    fingers("touchStart", (x - 50, y), (x + 50, y))
    fingers("touchMove", (x - 100, y), (x + 100, y))
    fingers("touchEnd")
    after = [place(page, row) for row in (7, 8)]
    assert np.subtract(*after) == pytest.approx(2 * np.subtract(*before), rel=0.01)
    assert after[0] == pytest.approx((2 * before[0][0] - x, 2 * before[0][1] - y), abs=1)
    expect_selected(page, 0)


def test_zoomed_in_points_become_photos(page: Page) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.mouse.move(*place(page, 42))
    with page.expect_response(re.compile(r"/thumb/.*\.jpg")):
        page.mouse.wheel(0, -1200)
    assert 0 < len({url for url in requested if "/thumb/" in url}) < 800


def test_the_map_is_saved_as_a_picture(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the map as a picture").click()
    assert download.value.suggested_filename == "map.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_the_map_is_saved_as_a_drawing_with_all_points_and_names(page: Page) -> None:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the map as a drawing").click()
    assert download.value.suggested_filename == "map.svg"
    svg = ElementTree.parse(download.value.path()).getroot()
    tag = "{http://www.w3.org/2000/svg}"
    dots = sum(path.get("d", "").count("h0") for path in svg.iter(f"{tag}path"))
    assert dots == N
    names = [text.text for text in svg.iter(f"{tag}text")]
    assert f"{EVIL[:28]}…" in names


def choose_layout(page: Page, name: str) -> None:
    page.get_by_text(name, exact=True).click()


def arrived(page: Page, columns: str) -> None:
    """Wait until the points have come to rest in that layout."""
    expect(page.locator(".explorer-map")).to_have_attribute("data-layout", re.compile(columns))


def test_the_same_images_glide_to_their_places_in_another_layout(page: Page) -> None:
    before = np.array([place(page, row) for row in range(50)])
    choose_layout(page, "turned")
    arrived(page, "map_y.*map_x")
    after = np.array([place(page, row) for row in range(50)])
    spread, turned = np.ptp(before, axis=0), np.ptp(after, axis=0)
    assert turned[0] / turned[1] == pytest.approx(spread[1] / spread[0], rel=0.01)


def test_a_map_in_space_can_be_turned_and_still_be_picked_from(
    page: Page, space: FakeSpace
) -> None:
    choose_layout(page, "space")
    arrived(page, "map_x.*map_y.*map_z")
    turn = page.get_by_role("button", name="Turn")
    expect(turn).to_have_attribute("aria-pressed", "true")
    before = [place(page, row) for row in range(20)]
    drag(page, "left")
    after = [place(page, row) for row in range(20)]
    moves = np.subtract(after, before)
    assert np.ptp(moves, axis=0).min() > 5  # not all alike, as when the map is moved
    draw(page, [(0, 0.12), (1, 0.12), (1, 0.999), (0, 0.999)], key="Shift")
    expect(page.get_by_text(re.compile(r"Selected: [1-9]\d\d"))).to_be_visible()
    choose_layout(page, "flat")
    expect(turn).to_be_hidden()


def test_the_small_map_shows_where_one_is_and_leads_elsewhere(page: Page) -> None:
    small = page.get_by_test_id("map-minimap")
    expect(small).to_be_hidden()
    for _ in range(3):
        page.get_by_role("button", name="Zoom in").click()
    expect(small).to_be_visible()
    before = place(page, 7)
    small.click(position={"x": 5, "y": 5})
    after = place(page, 7)
    assert after[0] > before[0]
    assert after[1] > before[1]


NO_WEBGL = """
    const original = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
        return kind === 'webgl2' ? null : original.call(this, kind, ...rest);
    };
"""


def test_without_webgl_the_map_says_so(open_page: OpenPage, app_url: str) -> None:
    page = open_page(app_url, prepare=lambda page: page.add_init_script(NO_WEBGL))
    expect(page.locator(".message")).to_contain_text("needs WebGL2")


def test_the_map_comes_back_when_the_graphics_card_forgot_it(page: Page) -> None:
    painted = """(canvas) => {
        const gl = canvas.getContext('webgl2');
        const pixels = new Uint8Array(4 * canvas.width * canvas.height);
        gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
        return pixels.some((value) => value > 0);
    }"""
    canvas = page.locator("canvas.points")
    assert canvas.evaluate(painted)
    canvas.evaluate("""async (canvas) => {
        const card = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
        const event = (name) => new Promise((go) => canvas.addEventListener(name, go));
        const lost = event('webglcontextlost');
        card.loseContext();
        await lost;
        await new Promise((go) => setTimeout(go));
        const restored = event('webglcontextrestored');
        card.restoreContext();
        await restored;
        await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
    }""")
    assert canvas.evaluate(painted)


def test_columns_that_cannot_be_fetched_leave_a_message_and_a_way_on(
    open_page: OpenPage, app_url: str
) -> None:
    def break_column(page: Page) -> None:
        page.route(re.compile("map_x"), lambda route: route.fulfill(status=404))

    page = open_page(app_url, expected=(*EXPECTED, "map_x"), prepare=break_column)
    expect(page.locator(".message")).to_contain_text("could not be loaded")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_selector(READY)
    expect(page.locator(".message")).to_be_hidden()


def test_the_lasso_finds_the_same_points_as_a_plain_ray_caster(page: Page) -> None:
    module = page.evaluate(
        "performance.getEntriesByType('resource').map((entry) => entry.name)"
        ".find((name) => name.endsWith('lasso.js'))"
    )
    random = np.random.default_rng(1)
    for corners in (3, 5, 12, 60):
        points = random.normal(size=(3000, 2)).astype(np.float32)
        points[:5] = np.nan
        loop = random.uniform(-2, 2, (corners, 2))
        found = page.evaluate(
            """async ([module, xs, ys, loop]) => {
                const { rowsInside } = await import(module);
                const { Grid, boundsOf } = await import(module.replace('lasso', 'picking'));
                const [x, y] = [Float32Array.from(xs), Float32Array.from(ys)];
                const grid = new Grid(x, y, boundsOf(x, y));
                const { bits, count } = rowsInside(grid, loop, () => true);
                return { bits: [...bits], count };
            }""",
            [
                module,
                *[[None if np.isnan(v) else float(v) for v in column] for column in points.T],
                loop.tolist(),
            ],
        )
        bits = np.unpackbits(np.array(found["bits"], np.uint8), bitorder="little")[: len(points)]
        expected = ray_cast(points.astype(float), loop)
        np.testing.assert_array_equal(bits.astype(bool), expected)
        assert found["count"] == expected.sum()


def ray_cast(points: np.ndarray, loop: np.ndarray) -> np.ndarray:
    """The even-odd rule, edge by edge."""
    result = np.zeros(len(points), bool)
    x, y = points.T
    with np.errstate(divide="ignore", invalid="ignore"):
        for (x0, y0), (x1, y1) in zip(loop, np.roll(loop, -1, axis=0), strict=True):
            crosses = (y0 > y) != (y1 > y)
            result ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return result


def test_density_is_shaded_while_the_whole_map_is_seen(page: Page) -> None:
    ink = """(canvas) => {
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((value, at) => at % 4 === 3 && value > 20).length;
    }"""
    overlay = page.locator("canvas.overlay")
    before = overlay.evaluate(ink)
    shade = page.get_by_role("button", name="Shade where most images lie")
    expect(shade).to_have_attribute("aria-pressed", "false")
    shade.click()
    page.wait_for_function("() => new Promise(requestAnimationFrame).then(() => true)")
    assert overlay.evaluate(ink) > 2 * before + 1000
    shade.click()
    page.wait_for_function("() => new Promise(requestAnimationFrame).then(() => true)")
    assert overlay.evaluate(ink) == before
