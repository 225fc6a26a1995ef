/// Values kept once each and counted, so that many moments can share what did not change between
/// them. A value goes when nothing needs it any more.
struct Shelf<Value: Equatable & Sendable>: Equatable, Sendable {
  /// In a box of its own, so that an empty place costs eight bytes and not a whole value.
  private final class Box: Equatable, Sendable {
    let value: Value
    let bytes: Int

    init(_ value: Value, bytes: Int) {
      self.value = value
      self.bytes = bytes
    }

    static func == (left: Box, right: Box) -> Bool { left === right || left.value == right.value }
  }

  private var boxes: [Box?] = []
  private var uses: [Int32] = []
  private var free: [Int32] = []
  private var boxedBytes = 0

  /// What an allocation costs beside its content.
  private static var overhead: Int { 32 }

  /// Memory in bytes.
  var bytes: Int { boxedBytes + boxes.capacity * 8 + (uses.capacity + free.capacity) * 4 }

  subscript(place: Int) -> Value? {
    boxes.indices.contains(place) ? boxes[place]?.value : nil
  }

  /// Puts a value down, used by nobody yet.
  ///
  /// - Parameter extraBytes: What the value holds beside itself, such as long texts.
  mutating func add(_ value: Value, extraBytes: Int) -> Int {
    let bytes = MemoryLayout<Value>.stride + Self.overhead + extraBytes
    let box = Box(value, bytes: bytes)
    boxedBytes += bytes
    if let place = free.popLast() {
      boxes[Int(place)] = box
      return Int(place)
    }
    boxes.append(box)
    uses.append(0)
    return boxes.count - 1
  }

  mutating func use(_ place: Int) { uses[place] += 1 }

  mutating func release(_ place: Int) {
    guard uses.indices.contains(place), uses[place] > 0 else { return }
    uses[place] -= 1
    guard uses[place] == 0, let box = boxes[place] else { return }
    boxedBytes -= box.bytes
    boxes[place] = nil
    free.append(Int32(place))
  }
}
