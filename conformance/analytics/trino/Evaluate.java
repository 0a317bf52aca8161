import io.trino.Session;
import io.trino.spi.type.ArrayType;
import io.trino.spi.type.MapType;
import io.trino.spi.type.RowType;
import io.trino.spi.type.TimeZoneKey;
import io.trino.spi.type.SqlVarbinary;
import io.trino.spi.type.Type;
import io.trino.spi.TrinoException;
import io.trino.testing.LocalQueryRunner;
import io.trino.testing.MaterializedResult;
import io.trino.testing.MaterializedRow;
import io.trino.testing.TestingSession;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Answers each query of standard input (a line each) with a line: its rows as Athena writes values, or `!` and the error. */
public final class Evaluate {
  private Evaluate() {}

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Session session = TestingSession.testSessionBuilder().setTimeZoneKey(TimeZoneKey.UTC_KEY).build();
    try (LocalQueryRunner trino = LocalQueryRunner.create(session)) {
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String sql = in.readLine(); sql != null; sql = in.readLine()) out.println("= " + answer(trino, sql));
    }
  }

  private static String answer(LocalQueryRunner trino, String sql) {
    try {
      MaterializedResult result = trino.execute(sql);
      List<String> rows = new ArrayList<>();
      for (MaterializedRow row : result.getMaterializedRows()) rows.add(fields(row, result.getTypes()));
      return String.join(" / ", rows);
    } catch (TrinoException failure) {
      return "!" + failure.getErrorCode().getName() + ": " + oneLine(failure.getMessage());
    } catch (RuntimeException failure) {
      return "!" + failure.getClass().getSimpleName() + ": " + oneLine(String.valueOf(failure.getMessage()));
    }
  }

  private static String oneLine(String message) {
    return message.replace('\n', ' ');
  }

  private static String fields(MaterializedRow row, List<Type> types) {
    List<String> texts = new ArrayList<>();
    for (int index = 0; index < types.size(); index++) texts.add(column(row.getField(index), types.get(index)));
    return String.join("|", texts);
  }

  /** A null of a row is `\\N`, a null inside a value is `null`. */
  private static String column(Object value, Type type) {
    return value == null ? "\\N" : text(value, type);
  }

  private static String text(Object value, Type type) {
    if (value == null) return "null";
    if (type instanceof ArrayType array) {
      List<String> parts = new ArrayList<>();
      for (Object part : (List<?>) value) parts.add(text(part, array.getElementType()));
      return "[" + String.join(", ", parts) + "]";
    }
    if (type instanceof MapType map) {
      List<String> parts = new ArrayList<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet())
        parts.add(text(entry.getKey(), map.getKeyType()) + "=" + text(entry.getValue(), map.getValueType()));
      return "{" + String.join(", ", parts) + "}";
    }
    if (type instanceof RowType row) return rowText(value, row);
    if (value instanceof byte[] bytes) return HexFormat.ofDelimiter(" ").formatHex(bytes);
    if (value instanceof SqlVarbinary binary) return HexFormat.ofDelimiter(" ").formatHex(binary.getBytes());
    if (type.getDisplayName().startsWith("timestamp")) return milliseconds(value.toString().replaceFirst("(\\d)T(\\d)", "$1 $2"));
    return value.toString();
  }

  /** Athena writes timestamps with three decimals. */
  private static String milliseconds(String moment) {
    return moment.replaceFirst("(:\\d\\d)( |$)", "$1.000$2").replaceFirst("(\\.\\d)( |$)", "$100$2");
  }

  private static String rowText(Object value, RowType type) {
    List<?> values = value instanceof MaterializedRow row ? row.getFields() : (List<?>) value;
    List<String> parts = new ArrayList<>();
    for (int index = 0; index < values.size(); index++) {
      RowType.Field field = type.getFields().get(index);
      String name = field.getName().orElse("field" + index);
      parts.add(name + "=" + text(values.get(index), field.getType()));
    }
    return "{" + String.join(", ", parts) + "}";
  }
}
