/// Version of the programs, the same for all of them.
public enum ProgramVersion {
  /// The semantic version. It ends with `-dev` until the release that it names.
  public static let current = "0.3.0-dev"
}
