package dev.akvavit.cpu;

import dev.akvavit.core.ActivationPrecision;
import dev.akvavit.core.Backend;
import dev.akvavit.core.Buffer;
import dev.akvavit.core.DType;
import dev.akvavit.core.Extent;
import dev.akvavit.core.Ops;
import dev.akvavit.core.Routing;
import dev.akvavit.core.Selection;
import dev.akvavit.core.Tensor;
import dev.akvavit.cpu.machine.FreshPages;
import dev.akvavit.cpu.machine.MachineCode;
import dev.akvavit.cpu.machine.PanelCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Computes on the processor, in host memory, with a fixed team of threads.
 *
 * <p>Weights are read where their file is mapped. Everything that {@link #allocate} gave is freed
 * by {@link #close}, not before. One thread at a time may call {@link #ops}.
 */
public final class CpuBackend implements Backend {
  private static final long ALIGNMENT = 64;
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private final Arena arena = Arena.ofShared();
  private final Workers workers;
  private final boolean machineCode;
  private final boolean repacks;
  private final RoundingRule rounding;
  private final Ops ops;

  /**
   * Runs machine code where it can.
   *
   * @param threads members of the team, the caller included; 0 for as many as the JVM has
   *     processors
   * @throws IllegalArgumentException when {@code threads} is negative
   */
  public CpuBackend(int threads) {
    this(new Backend.Settings(threads, true, ActivationPrecision.AUTO));
  }

  CpuBackend(Backend.Settings settings) {
    this(settings, rule(settings));
  }

  private static RoundingRule rule(Backend.Settings settings) {
    boolean machineCode = runsMachineCode(settings);
    return new RoundingRule(
        settings.activations(),
        machineCode && PanelRows.isFast(),
        PairRows.isFast(machineCode),
        PairRows.rounding(machineCode),
        DecodedRows.isFast(machineCode) ? Rounding.DECODED : Rounding.BYTES);
  }

  private static boolean runsMachineCode(Backend.Settings settings) {
    return settings.machineCode() && MachineRows.isReady();
  }

  /** With a rule of the caller's own. */
  CpuBackend(Backend.Settings settings, RoundingRule rounding) {
    int threads = settings.threads();
    if (threads < 0) {
      throw new IllegalArgumentException(
          "threads = " + threads + " must be 0 (all processors) or more");
    }
    if (!Lanes.present() && !WARNED.getAndSet(true)) {
      System.err.println(banner());
    }
    workers = new Workers(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    machineCode = runsMachineCode(settings);
    repacks = settings.repack();
    this.rounding = rounding;
    ops = new CpuOps(workers, machineCode, rounding);
  }

  private static String banner() {
    return """
    ************************************************************************************
    * akvavit: the JVM runs WITHOUT the Vector API, so every number is computed alone. *
    * Expect a fifth to a twentieth of the speed. Start java with                      *
    *     --add-modules jdk.incubator.vector                                           *
    ************************************************************************************\
    """;
  }

  @Override
  public String description() {
    String loops = Lanes.KERNELS.description() + (machineCode ? ", machine code" : "");
    String weights = repacks ? ", weights repacked" : "";
    return "cpu (" + loops + ", " + workers.threads() + " threads" + weights + ")";
  }

  @Override
  public List<String> paths() {
    List<String> all = new ArrayList<>(List.of(Lanes.KERNELS.description()));
    if (machineCode || !MachineCode.here().isReady()) {
      all.addAll(MachineCode.here().description());
    } else if (Lanes.KERNELS.lanes() != 16) {
      all.add("no machine code: it adds in the order of 512-bit loops, which do not run");
    } else {
      all.add("no machine code: it was not wanted");
    }
    all.add(rounding.description());
    if (roundsAttention()) {
      all.add("attention over a BF16 cache rounds queries and weights to BF16");
    }
    return all;
  }

  @Override
  public List<Peak> peaks(Duration time) {
    return PeakRates.of(workers, machineCode, time);
  }

  @Override
  public ReadProbe reads(List<MemorySegment> memory) {
    return new ReadRates(workers, machineCode, memory, ReadRates.least());
  }

  @Override
  public boolean isSlow(DType type) {
    return type.quantised() && !multipliesPanels(type) && !Lanes.KERNELS.widens(type);
  }

  /** Whether machine code decodes a type into panels of codes. */
  private boolean multipliesPanels(DType type) {
    return machineCode
        && PanelRows.isFast()
        && PanelCall.decodes(type)
        && rounding.takesBytes(type);
  }

  @Override
  public boolean roundsPromptsApart(DType type) {
    return rounding.roundsPromptsApart(type);
  }

  @Override
  public boolean attendsToPromptsApart(int headsPerKey, Tensor keys, Tensor values) {
    return roundsAttention() && TileRows.tellsPromptsApart(headsPerKey, keys, values);
  }

  private boolean roundsAttention() {
    return TileRows.serves(machineCode && rounding.roundsAttention());
  }

  @Override
  public Ops ops() {
    return ops;
  }

  @Override
  public Buffer allocate(long bytes) {
    return new CpuBuffer(
        machineCode ? FreshPages.of(bytes, ALIGNMENT, arena) : arena.allocate(bytes, ALIGNMENT));
  }

  @Override
  public Buffer place(MemorySegment bytes) {
    if (bytes.isNative()) {
      return new CpuBuffer(bytes);
    }
    MemorySegment copy =
        arena.allocate(
            bytes.byteSize(), ALIGNMENT); // one kind of segment keeps the loops compiled once
    return new CpuBuffer(copy.copyFrom(bytes));
  }

  @Override
  public boolean repacks(DType type) {
    return repacks && multipliesPanels(type);
  }

  @Override
  public Buffer placeMatrix(MemorySegment bytes, DType type, int columns) {
    long row = type.bytes(columns);
    long size = repacks(type) ? InterleavedRows.bytes(bytes.byteSize(), row) : 0;
    if (size == 0 || !bytes.isNative()) {
      return place(bytes);
    }
    MemorySegment copy = FreshPages.toFill(size, ALIGNMENT, arena);
    InterleavedRows.copy(type, bytes, copy, row, workers);
    if (bytes.isMapped()) {
      bytes.unload(); // pages are the system's to keep or drop from now on
    }
    return new CpuBuffer(bytes, copy);
  }

  @Override
  public Selection selection(Extent tokens, int limit) {
    return new CpuSelection(tokens, limit);
  }

  @Override
  public Routing routing(Extent tokens, int experts, int topK) {
    return new CpuRouting(tokens, topK);
  }

  @Override
  public void read(Tensor tensor, int row, float[] out) {
    for (int h = 0; h < tensor.heads(); h++) {
      long at = CpuBuffer.cachedAt(tensor, row, h);
      Lanes.KERNELS.widen(
          out, h * tensor.dim(), CpuBuffer.of(tensor), at, tensor.dtype(), tensor.dim());
    }
  }

  @Override
  public void close() {
    workers.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
