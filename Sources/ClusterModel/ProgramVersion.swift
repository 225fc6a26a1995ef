/// Version of the programs, the same for all of them.
public enum ProgramVersion {
  /// The semantic version of the newest release, in which or after which they were built.
  public static let current = "0.2.0"
}
