/** Draws a great many points with WebGL2: one float per coordinate and two bytes per point. */

import { hasBit } from "./bits.js";

/** @import { View } from "./view.js" */

const VERTEX = `#version 300 es
in float x; in float y; in float code; in float flag;
uniform vec4 view;        // centre, clip units per map unit
uniform float size, alpha;
uniform bool selecting;   // is there a selection at all?
uniform bool front;       // draw what stands out, or the dimmed rest?
uniform vec3 dimColor;
uniform sampler2D palette;
out vec4 color;
out float diameter;
void main() {
  vec4 entry = texelFetch(palette, ivec2(int(code), 0), 0);
  bool selected = mod(flag, 2.0) > 0.5;
  bool hidden = flag > 1.5;
  bool standsOut = entry.a > 0.5 && (selected || !selecting);
  if (hidden || standsOut != front) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
  gl_Position = vec4((x - view.x) * view.z, (y - view.y) * view.w, 0.0, 1.0);
  diameter = front && selecting ? size * 1.25 : size;
  gl_PointSize = diameter;
  color = front ? vec4(entry.rgb, alpha) : vec4(mix(entry.rgb, dimColor, 0.85), alpha * 0.35);
}`;

const FRAGMENT = `#version 300 es
precision mediump float;
in vec4 color;
in float diameter;
out vec4 pixel;
void main() {
  float inside = (0.5 - distance(gl_PointCoord, vec2(0.5))) * diameter;
  float edge = diameter < 2.5 ? 1.0 : clamp(inside, 0.0, 1.0);
  pixel = vec4(color.rgb, 1.0) * color.a * edge;
}`;

const ATTRIBUTES = ["x", "y", "code", "flag"];
const SELECTED = 1;
const HIDDEN = 2;

/** Thrown when the browser has no WebGL2; the widget says so in words. */
export class NoWebGL extends Error {}

/**
 * Point size in CSS pixels and opacity: many points are small and faint, so density shows.
 * @param {number} total
 * @param {View} view
 */
export function pointStyle(total, view) {
  const crowd = Math.max(1, total);
  const base = Math.max(1.5, Math.min(9, 26 * crowd ** -0.2 - 0.2));
  const size = Math.min(14, base * Math.max(1, view.zoom) ** 0.35);
  const covered = (crowd * size * size) / (view.width * view.height * Math.max(1, view.zoom) ** 2);
  return { size, alpha: Math.max(0.2, Math.min(0.9, 0.7 * covered ** -0.5)) };
}

export class PointEngine {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.total = 0;
    this.selecting = false;
    /** @type {{front: number, drawn: number}[]} */
    this.passes = [];
    this.dimColor = [0.5, 0.5, 0.5];
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      preserveDrawingBuffer: true, // a picture may take several frames
    });
    if (!gl) throw new NoWebGL();
    this.gl = gl;
    this.order = new Uint32Array(0); // rows
    this.emphasizing = false;
    /** @type {Map<string, WebGLUniformLocation | null>} */
    this.places = new Map();
    this.program = this.#prepare();
    this.buffers = ATTRIBUTES.map(() => gl.createBuffer());
  }

  /** Does the processor do a graphics card's work? */
  get isSoftware() {
    const { gl } = this;
    const info = gl.getExtension("WEBGL_debug_renderer_info");
    const name = gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
    return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
  }

  #prepare() {
    const { gl } = this;
    const program = gl.createProgram();
    this.#compile(program, gl.VERTEX_SHADER, VERTEX);
    this.#compile(program, gl.FRAGMENT_SHADER, FRAGMENT);
    ATTRIBUTES.forEach((name, at) => {
      gl.bindAttribLocation(program, at, name);
    });
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
      throw new Error(`The map's shader does not link: ${gl.getProgramInfoLog(program)}`);
    }
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.clearColor(0, 0, 0, 0);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    return program;
  }

  /**
   * @param {WebGLProgram} program
   * @param {number} type
   * @param {string} source
   */
  #compile(program, type, source) {
    const { gl } = this;
    const shader = gl.createShader(type);
    if (!shader) throw new Error("the graphics card is not ready for a program");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }

  /** @param {string} name */
  #uniform(name) {
    const known = this.places.get(name);
    if (known) return known;
    const place = this.gl.getUniformLocation(this.program, name);
    this.places.set(name, place);
    return place;
  }

  /**
   * In drawing order: shuffled, so that no class hides another and any prefix is a fair sample.
   * @param {string} attribute
   * @param {Float32Array | Uint8Array} values by row
   * @param {number} type
   */
  #upload(attribute, values, type) {
    const { gl, order } = this;
    const shuffled = values.slice();
    for (let at = 0; at < order.length; at++) shuffled[at] = values[order[at]];
    const at = ATTRIBUTES.indexOf(attribute);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[at]);
    gl.bufferData(gl.ARRAY_BUFFER, shuffled, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, 1, type, false, 0, 0);
  }

  /**
   * @param {Float32Array} x
   * @param {Float32Array} y
   */
  setPositions(x, y) {
    if (this.total !== x.length) this.order = shuffledRows(x.length);
    this.total = x.length;
    this.#upload("x", x, this.gl.FLOAT);
    this.#upload("y", y, this.gl.FLOAT);
  }

  /** @param {Uint8Array} codes */
  setCodes(codes) {
    this.#upload("code", codes, this.gl.UNSIGNED_BYTE);
  }

  /** @param {Uint8Array} palette 256 RGBA entries; alpha 0 means dimmed */
  setPalette(palette) {
    const { gl } = this;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, palette);
    this.emphasizing = palette.some((value, at) => at % 4 === 3 && value === 0);
  }

  /**
   * Both are bitsets over the rows, or null: no selection, no filter.
   * @param {Uint8Array | null} selected
   * @param {Uint8Array | null} shown
   */
  setFlags(selected, shown) {
    const flags = new Uint8Array(this.total);
    if (selected || shown) {
      for (let row = 0; row < this.total; row++) {
        flags[row] =
          (selected && hasBit(selected, row) ? SELECTED : 0) |
          (shown && !hasBit(shown, row) ? HIDDEN : 0);
      }
    }
    this.selecting = Boolean(selected);
    this.#upload("flag", flags, this.gl.UNSIGNED_BYTE);
  }

  /**
   * Starts a new picture; `proceed` draws it.
   *
   * @param {View} view
   * @param {{size: number, alpha: number, pixelRatio: number}} style
   */
  begin(view, style) {
    const { gl } = this;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clear(gl.COLOR_BUFFER_BIT);
    const perUnit = 2 * view.scale;
    const [x, y] = view.toWorld(view.width / 2, view.height / 2);
    gl.uniform4f(this.#uniform("view"), x, y, perUnit / view.width, perUnit / view.height);
    gl.uniform1f(this.#uniform("size"), style.size * style.pixelRatio);
    gl.uniform1f(this.#uniform("alpha"), style.alpha);
    gl.uniform1i(this.#uniform("selecting"), this.selecting ? 1 : 0);
    gl.uniform3fv(this.#uniform("dimColor"), this.dimColor);
    const divided = this.selecting || this.emphasizing;
    this.passes = (divided ? [0, 1] : [1]).map((front) => ({ front, drawn: 0 }));
  }

  /**
   * Adds points to the picture; a fair sample of all, whatever the budget.
   * @param {number} budget how many at most
   */
  proceed(budget) {
    const { gl } = this;
    const share = Math.ceil(budget / this.passes.length);
    for (const pass of this.passes) {
      const count = Math.min(share, this.total - pass.drawn);
      gl.uniform1i(this.#uniform("front"), pass.front);
      gl.drawArrays(gl.POINTS, pass.drawn, count);
      pass.drawn += count;
    }
    this.passes = this.passes.filter((pass) => pass.drawn < this.total);
  }

  /** Is the picture complete? */
  get finished() {
    return this.passes.length === 0;
  }

  destroy() {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}

/**
 * A fixed shuffle (Fisher-Yates with a small xorshift generator): the same map every time.
 * @param {number} total
 */
function shuffledRows(total) {
  const order = new Uint32Array(total);
  for (let at = 0; at < total; at++) order[at] = at;
  let seed = 2463534242;
  for (let at = total - 1; at > 0; at--) {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    const other = (seed >>> 0) % (at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}
