package import Hummingbird
internal import NIOCore
internal import NIOPosix

extension Response {
  private static let chunkBytes = 64 << 10

  /// A file in its present state, read as fast as the reader reads. The file may be deleted
  /// meanwhile.
  ///
  /// - Throws: `OpenFile.Failure`.
  package init(file path: String, contentType: String) throws {
    let file = try OpenFile(path)
    self.init(
      status: .ok,
      headers: [
        .contentType: contentType, .contentLength: "\(file.size)", .cacheControl: "no-store",
      ],
      body: ResponseBody(contentLength: file.size) { writer in
        var offset = 0
        while offset < file.size {
          let place = offset
          let bytes = try await NIOThreadPool.singleton.runIfActive {
            try file.read(Self.chunkBytes, at: place)
          }
          try await writer.write(ByteBuffer(bytes: bytes))
          offset += bytes.count
        }
        try await writer.finish(nil)
      })
  }
}
