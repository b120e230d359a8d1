import CLimbs

/// What the C library does with memory that is freed.
public enum Allocator {
  /// Lets every large block go back to the operating system as soon as it is freed.
  ///
  /// Otherwise blocks of up to 32 MiB stay with the process once some of their size have been freed, and its memory is the
  /// sum of what different steps used. Call it once, before threads are started.
  public static func returnLargeBlocks() { climbs_return_large_blocks() }
}
