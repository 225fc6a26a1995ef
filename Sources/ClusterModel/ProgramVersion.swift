/// Version of the programs, the same for all of them.
public enum ProgramVersion {
  public static let current = "0.2.0"
}
