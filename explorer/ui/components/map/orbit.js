/** A layout in space, seen from some side: turned, then drawn in perspective. */

const PER_PIXEL = 0.008; // radians
const START = { yaw: 0.6, pitch: 0.35 };
const STEEPEST = 1.5; // radians
const EYE = 3; // radii from the middle

export class Orbit {
  /**
   * @param {Float32Array} x
   * @param {Float32Array} y
   * @param {Float32Array} z
   */
  constructor(x, y, z) {
    this.axes = [x, y, z];
    this.middle = this.axes.map(middleOf);
    this.radius = this.#radius();
    this.yaw = START.yaw;
    this.pitch = START.pitch;
  }

  #radius() {
    const [x, y, z] = this.axes;
    const [midX, midY, midZ] = this.middle;
    let farthest = 0;
    for (let row = 0; row < x.length; row++) {
      const distance = Math.hypot(x[row] - midX, y[row] - midY, z[row] - midZ);
      if (distance > farthest) farthest = distance;
    }
    return farthest || 1;
  }

  /** What the frame must hold whatever the side. */
  get bounds() {
    const reach = this.radius;
    return { minX: -reach, maxX: reach, minY: -reach, maxY: reach };
  }

  /**
   * @param {number} pixelsX
   * @param {number} pixelsY
   */
  turn(pixelsX, pixelsY) {
    this.yaw += pixelsX * PER_PIXEL;
    this.pitch = Math.max(-STEEPEST, Math.min(STEEPEST, this.pitch + pixelsY * PER_PIXEL));
  }

  /** The flat places of all points, new arrays. */
  project() {
    const [xs, ys, zs] = this.axes;
    const [midX, midY, midZ] = this.middle;
    const [sinYaw, cosYaw] = [Math.sin(this.yaw), Math.cos(this.yaw)];
    const [sinPitch, cosPitch] = [Math.sin(this.pitch), Math.cos(this.pitch)];
    const eye = EYE * this.radius;
    const x = new Float32Array(xs.length);
    const y = new Float32Array(xs.length);
    for (let row = 0; row < x.length; row++) {
      const px = xs[row] - midX;
      const py = ys[row] - midY;
      const pz = zs[row] - midZ;
      const depth = pz * cosYaw - px * sinYaw;
      const nearness = eye / (eye - (depth * cosPitch + py * sinPitch));
      x[row] = (px * cosYaw + pz * sinYaw) * nearness;
      y[row] = (py * cosPitch - depth * sinPitch) * nearness;
    }
    return { x, y };
  }
}

/** @param {Float32Array} values */
function middleOf(values) {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? (low + high) / 2 : 0;
}
