/** Floor 2: the operations of a model on the processor, by the Vector API where the JVM has it. */
module dev.akvavit.cpu {
  requires dev.akvavit.core;
  requires static jdk.incubator.vector;
  requires static org.jspecify;

  exports dev.akvavit.cpu;

  provides dev.akvavit.core.Backend.Provider with
      dev.akvavit.cpu.CpuProvider;
}
