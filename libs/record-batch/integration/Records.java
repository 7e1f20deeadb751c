import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Scanner;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MutableRecordBatch;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.SimpleRecord;

/**
 * Apache Kafka's own record classes, for the tests.
 * write: prints a batch of each codec and a control batch, as a name and hex digits.
 * read:  reads batches as hex digits from standard input and prints their records, one a line.
 */
public class Records {
  static final HexFormat HEX = HexFormat.of();

  public static void main(String[] args) {
    if (args[0].equals("write")) write();
    else read();
  }

  static void write() {
    SimpleRecord[] records = new SimpleRecord[50];
    for (int i = 0; i < records.length; i++) {
      byte[] key = i % 7 == 0 ? null : bytes("key-" + i);
      byte[] value = i % 11 == 0 ? null : bytes("value ".repeat(i) + i);
      Header[] headers =
          i % 5 == 0
              ? new Header[] {new RecordHeader("n", bytes("" + i)), new RecordHeader("null", (byte[]) null)}
              : new Header[0];
      records[i] = new SimpleRecord(1_700_000_000_000L + i * (i % 2 == 0 ? 100_000L : -7L), key, value, headers);
    }
    for (CompressionType type : CompressionType.values()) {
      MemoryRecords batch =
          MemoryRecords.withTransactionalRecords(
              (byte) 2, 1234L, Compression.of(type).build(), 4_000_000_000L, (short) 3, 77, 5, records);
      print(type.name, batch);
    }
    print(
        "abort",
        MemoryRecords.withEndTransactionMarker(
            9L, 1_700_000_000_000L, 5, 4_000_000_000L, (short) 3, new EndTransactionMarker(ControlRecordType.ABORT, 21)));
    print(
        "commit",
        MemoryRecords.withEndTransactionMarker(
            9L, 1_700_000_000_000L, 5, 4_000_000_000L, (short) 3, new EndTransactionMarker(ControlRecordType.COMMIT, 21)));
  }

  static void print(String name, MemoryRecords records) {
    byte[] bytes = new byte[records.sizeInBytes()];
    records.buffer().get(bytes);
    System.out.println(name + " " + HEX.formatHex(bytes));
  }

  static void read() {
    Scanner lines = new Scanner(System.in);
    while (lines.hasNextLine()) {
      MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(HEX.parseHex(lines.nextLine())));
      for (MutableRecordBatch batch : records.batches()) {
        batch.ensureValid();
        System.out.printf(
            "batch %d %d %s %b %b %d %d %d%n",
            batch.baseOffset(), batch.lastOffset(), batch.compressionType().name, batch.isTransactional(),
            batch.isControlBatch(), batch.producerId(), batch.producerEpoch(), batch.baseSequence());
        for (Record record : batch) {
          record.ensureValid();
          if (batch.isControlBatch()) {
            EndTransactionMarker marker = EndTransactionMarker.deserialize(record);
            System.out.printf("marker %s %d%n", marker.controlType(), marker.coordinatorEpoch());
            continue;
          }
          StringBuilder headers = new StringBuilder();
          for (Header header : record.headers()) headers.append(' ').append(header.key()).append('=').append(hex(header.value()));
          System.out.printf(
              "%d %d %s %s%s%n",
              record.offset(), record.timestamp(), hex(get(record.hasKey(), record.key())),
              hex(get(record.hasValue(), record.value())), headers);
        }
      }
    }
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] get(boolean present, ByteBuffer buffer) {
    if (!present) return null;
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  static String hex(byte[] bytes) {
    return bytes == null ? "null" : bytes.length == 0 ? "-" : HEX.formatHex(bytes);
  }
}
