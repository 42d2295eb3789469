package dev.akvavit.claims;

import dev.akvavit.Workbench;
import dev.akvavit.Workbench.Room;
import dev.akvavit.core.AttentionConfig.Latent;
import dev.akvavit.core.IndexPrecision;
import dev.akvavit.core.ModelConfig;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How much of a trained model's keys and values a shorter latent would keep: the energy in the
 * largest singular values of {@code kv_b_proj}, which makes the keys and values of all heads from a
 * latent; mean over the layers.
 *
 * @param rank length of the latent
 * @param outputs numbers that are made of it
 * @param kept share of the energy by rank, from 0 to all
 * @param random the same of a random matrix of this shape: what no structure looks like
 */
record SpectrumTrial(int rank, int outputs, double[] kept, double[] random) {

  static SpectrumTrial of(Laboratory lab) {
    return lab.once(SpectrumTrial.class, SpectrumTrial::measure);
  }

  private static SpectrumTrial measure(Laboratory lab) {
    try (Workbench bench = Workbench.open(lab.model(), IndexPrecision.EXACT, new Room(1, 32, 32))) {
      ModelConfig config = bench.config();
      Latent a = Reshaped.latent(config);
      int outputs = a.heads() * (a.nopeDim() + a.valueDim());
      double[] mean = new double[a.kvRank() + 1];
      int layers = config.layers().size();
      for (int l = 0; l < layers; l++) {
        String name = "model.layers." + l + ".self_attn.kv_b_proj.weight";
        double[] kept = energyByRank(bench.columns(name, outputs, a.kvRank()));
        for (int r = 0; r < mean.length; r++) {
          mean[r] += kept[r] / layers;
        }
      }
      float[][] noise = new float[a.kvRank()][outputs];
      SplittableRandom random = new SplittableRandom(11);
      for (float[] column : noise) {
        for (int i = 0; i < outputs; i++) {
          column[i] = (float) random.nextGaussian();
        }
      }
      return new SpectrumTrial(a.kvRank(), outputs, mean, energyByRank(noise));
    }
  }

  /** Share of the energy that the largest {@code r} singular values hold. */
  static double[] energyByRank(float[][] columns) {
    double[] energies = energies(columns);
    double all = Arrays.stream(energies).sum();
    double[] kept = new double[energies.length + 1];
    for (int r = 0; r < energies.length; r++) {
      kept[r + 1] = kept[r] + energies[energies.length - 1 - r] / all;
    }
    return kept;
  }

  /**
   * Squared singular values, ascending: those of the columns' products with each other, by
   * one-sided Jacobi (Hestenes 1958). Pairs are turned until all are at right angles; their lengths
   * are then the values.
   */
  static double[] energies(float[][] columns) {
    double[][] a = products(columns);
    boolean turned = true;
    for (int sweep = 0; turned && sweep < 30; sweep++) {
      turned = false;
      for (int p = 0; p < a.length; p++) {
        for (int q = p + 1; q < a.length; q++) {
          turned |= turn(a[p], a[q]);
        }
      }
    }
    return Arrays.stream(a).mapToDouble(v -> Math.sqrt(dot(v, v))).sorted().toArray();
  }

  private static double[][] products(float[][] columns) {
    double[][] gram = new double[columns.length][columns.length];
    for (int i = 0; i < gram.length; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = 0;
        for (int k = 0; k < columns[i].length; k++) {
          sum += (double) columns[i][k] * columns[j][k];
        }
        gram[i][j] = sum;
        gram[j][i] = sum;
      }
    }
    return gram;
  }

  /** Turns two columns to a right angle; false when they stood at one. */
  private static boolean turn(double[] p, double[] q) {
    double pp = dot(p, p);
    double qq = dot(q, q);
    double pq = dot(p, q);
    if (Math.abs(pq) <= 1e-8 * Math.sqrt(pp * qq) || pp == 0 || qq == 0) {
      return false;
    }
    double zeta = (qq - pp) / (2 * pq);
    double t = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double cosine = 1 / Math.hypot(1, t);
    double sine = cosine * t;
    for (int i = 0; i < p.length; i++) {
      double x = p[i];
      p[i] = cosine * x - sine * q[i];
      q[i] = sine * x + cosine * q[i];
    }
    return true;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
