/**
 * A backend of host memory and a fixed team of threads.
 *
 * <p>Three layers: {@link dev.akvavit.cpu.CpuOps} turns each operation into work items; item code
 * ({@code Matmul}, {@code PagedAttention}, {@code ExpertGroups} …) walks pages, heads and blocks;
 * {@code Kernels} are the inner loops, once with the Vector API and once in plain Java. Only
 * classes whose names begin with {@code Vector} touch the incubating module.
 */
@NullMarked
package dev.akvavit.cpu;

import org.jspecify.annotations.NullMarked;
