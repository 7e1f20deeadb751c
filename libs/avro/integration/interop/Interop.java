import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.avro.Conversions;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;

/**
 * Interop SCHEMA echo: reads payloads in hex from standard input, prints each field as Java sees it and the payload as
 * Java writes it. Interop SCHEMA random COUNT SEED: prints payloads that Java makes up.
 */
class Interop {
  public static void main(String[] arguments) throws IOException {
    Schema schema = new Schema.Parser().parse(Files.readString(Path.of(arguments[0])));
    if (arguments[1].equals("random")) {
      int count = Integer.parseInt(arguments[2]);
      for (Object value : new RandomData(schema, count, Long.parseLong(arguments[3]))) {
        System.out.println(write(schema, new GenericData(), value));
      }
      return;
    }
    GenericData data = withLogicalTypes();
    for (String line : new String(System.in.readAllBytes()).split("\n")) {
      byte[] bytes = HexFormat.of().parseHex(line.strip());
      GenericDatumReader<GenericRecord> reader = new GenericDatumReader<>(schema, schema, data);
      GenericRecord record = reader.read(null, DecoderFactory.get().binaryDecoder(bytes, null));
      for (Schema.Field field : schema.getFields()) {
        System.out.println("# " + field.name() + "=" + record.get(field.pos()));
      }
      System.out.println(write(schema, data, record));
    }
  }

  static GenericData withLogicalTypes() {
    GenericData data = new GenericData();
    data.addLogicalTypeConversion(new Conversions.DecimalConversion());
    data.addLogicalTypeConversion(new Conversions.UUIDConversion());
    data.addLogicalTypeConversion(new TimeConversions.DateConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimeMillisConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimeMicrosConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
    data.addLogicalTypeConversion(new TimeConversions.TimestampNanosConversion());
    data.addLogicalTypeConversion(new TimeConversions.LocalTimestampMillisConversion());
    data.addLogicalTypeConversion(new TimeConversions.LocalTimestampMicrosConversion());
    return data;
  }

  static String write(Schema schema, GenericData data, Object value) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    var encoder = EncoderFactory.get().binaryEncoder(out, null);
    new GenericDatumWriter<Object>(schema, data).write(value, encoder);
    encoder.flush();
    return HexFormat.of().formatHex(out.toByteArray());
  }
}
