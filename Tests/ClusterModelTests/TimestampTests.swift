import Testing

@testable import ClusterModel

@Suite struct TimestampTests {
  @Test(
    "a time is written as RFC 3339 in UTC with three decimals, and read back",
    arguments: [
      (0, "1970-01-01T00:00:00.000Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
      (1, "1970-01-01T00:00:00.001Z"),
      (86_399_999, "1970-01-01T23:59:59.999Z"),
      (86_400_000, "1970-01-02T00:00:00.000Z"),
      (-86_400_000, "1969-12-31T00:00:00.000Z"),
      (951_782_400_000, "2000-02-29T00:00:00.000Z"),
      (951_868_800_000, "2000-03-01T00:00:00.000Z"),
      (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
      (-2_203_977_600_000, "1900-02-28T00:00:00.000Z"),
      (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
      (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
      (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
      (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
      (-62_162_121_600_000, "0000-02-29T00:00:00.000Z"),
      (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
      (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
      (1_772_352_930_250, "2026-03-01T08:15:30.250Z"),
    ] as [(Int64, String)])
  func edges(milliseconds: Int64, text: String) {
    #expect(Timestamp(milliseconds: milliseconds).description == text)
    #expect(Timestamp(text) == Timestamp(milliseconds: milliseconds))
  }

  @Test("every day of 800 years has its own date, one after the other")
  func days() {
    let first = Timestamp("1600-01-01T00:00:00Z")!
    var before = ""
    for day in 0..<Int64(292_194) {
      let time = first.adding(milliseconds: day * 86_400_000)
      let text = time.description
      #expect(before < text && Timestamp(text) == time)
      before = text
    }
    #expect(before == "2399-12-31T00:00:00.000Z")
  }

  @Test(
    "other ways to write the same moment are read",
    arguments: [
      "2026-03-01T08:15:30.25Z", "2026-03-01t08:15:30.250z", "2026-03-01T08:15:30.250999999Z",
      "2026-03-01T08:15:30.250+00:00", "2026-03-01T08:15:30.250-00:00",
      "2026-03-01T10:15:30.25+02:00", "2026-02-28T23:45:30.25-08:30",
      "2026-03-02T08:14:30.25+23:59",
    ])
  func variants(text: String) {
    #expect(Timestamp(text) == Timestamp(milliseconds: 1_772_352_930_250))
  }

  @Test("a leap second is the first moment after it")
  func leapSecond() {
    #expect(Timestamp("2016-12-31T23:59:60Z") == Timestamp("2017-01-01T00:00:00Z"))
  }

  @Test(
    "anything else is refused",
    arguments: [
      "", " ", "now", "2026-03-01", "2026-03-01T08:15:30", "2026-03-01 08:15:30Z",
      "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-02-30T00:00:00Z",
      "2026-04-31T00:00:00Z", "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z",
      "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z",
      "2026-01-01T00:00:00.1234567890Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+24:00",
      "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00+0000", "2026-01-01T00:00:00ZZ",
      "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "26-01-01T00:00:00Z",
      "-026-01-01T00:00:00Z", "+2026-01-01T00:00:00Z", "2026-1-1T00:00:00Z",
      "２026-01-01T00:00:00Z", "2026-01-01T00:00:00Z\n", "2026-01-01T00:00:00\0Z",
    ])
  func refused(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("the farthest numbers are written without a crash", arguments: [Int64.min, .max])
  func farthest(milliseconds: Int64) {
    #expect(Timestamp(milliseconds: milliseconds).description.hasSuffix("Z"))
    _ = Timestamp(milliseconds: milliseconds).adding(milliseconds: milliseconds)
    _ = Timestamp(milliseconds: .min).milliseconds(since: Timestamp(milliseconds: milliseconds))
  }

  @Test("intervals count forwards and backwards")
  func intervals() {
    let (early, late) = (Timestamp(milliseconds: 1_000), Timestamp(milliseconds: 2_500))
    #expect(late.milliseconds(since: early) == 1_500)
    #expect(early.milliseconds(since: late) == -1_500)
    #expect(early.adding(milliseconds: 1_500) == late)
    #expect(early < late)
  }

  @Test(
    "a time that cannot be written is refused",
    arguments: [
      "9999-12-31T23:59:60.000Z", "9999-12-31T23:59:59.999-00:01", "0000-01-01T00:00:00+00:01",
    ])
  func unwritable(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(
    "the first and the last time that can be written are read again",
    arguments: ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
  func outermost(text: String) {
    #expect(Timestamp(text)?.description == text)
  }
}
