/**
 * JMH benchmarks of single operations; {@code akvavit bench} measures whole models. Run from the
 * repository's root:
 *
 * <pre>{@code
 * ./mvnw -q -pl akvavit-bench -am package -DskipTests
 * java --add-modules jdk.incubator.vector -cp 'akvavit-bench/target/classes:akvavit-bench/target/lib/*' org.openjdk.jmh.Main
 * }</pre>
 *
 * <p>Not null-checked: JMH fills fields after the constructor.
 */
@NullUnmarked
package dev.akvavit.bench;

import org.jspecify.annotations.NullUnmarked;
