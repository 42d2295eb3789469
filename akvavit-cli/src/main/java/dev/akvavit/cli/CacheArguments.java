package dev.akvavit.cli;

import dev.akvavit.ModelOptions;
import dev.akvavit.core.CacheTypes;
import dev.akvavit.core.IndexPrecision;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** How the cache keeps its rows: the options of all commands that make one or plan one. */
final class CacheArguments {
  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      converter = Types.class,
      description =
          "Type of cached rows: f32, bf16, f16 or q8_0; for all, or by plane as in"
              + " keys=f16,values=q8_0 or q8_0,rope=bf16. Planes: keys, values; of MLA latent, rope,"
              + " index. Default: bf16.")
  private CacheTypes types = ModelOptions.DEFAULT.cacheTypes();

  @Option(
      names = "--index-precision",
      paramLabel = "TYPE",
      defaultValue = "exact",
      description =
          "How a lightning indexer keeps its keys: exact, as --kv-type says, or f8. Default: exact.")
  private IndexPrecision indexPrecision = IndexPrecision.EXACT;

  CacheTypes types() {
    return types;
  }

  IndexPrecision indexPrecision() {
    return indexPrecision;
  }

  ModelOptions over(ModelOptions options) {
    return options.withCacheTypes(types).withIndexPrecision(indexPrecision);
  }

  /** Planes that are not named keep the type that models open with. */
  private static final class Types implements ITypeConverter<CacheTypes> {
    @Override
    public CacheTypes convert(String text) {
      try {
        return CacheTypes.parse(text, ModelOptions.DEFAULT.cacheTypes());
      } catch (IllegalArgumentException e) {
        String reason = String.valueOf(e.getMessage()).replaceFirst("^kv-type: ", "");
        throw new TypeConversionException(reason); // which picocli puts behind the option's name
      }
    }
  }
}
