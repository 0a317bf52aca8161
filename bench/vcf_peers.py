"""A VCF as Parquet by another library, every sample and field of it: python vcf_peers.py oxbow|polars-bio|biobear VCF PARQUET"""

import sys


def batches_of(peer, vcf):
    import pyarrow

    if peer == "oxbow":
        import oxbow

        for batch in oxbow.from_vcf(vcf, compression="bgzf", samples="*").batches():
            yield pyarrow.record_batch(batch)
    elif peer == "biobear":
        import biobear

        yield from biobear.connect().sql(f"SELECT * FROM vcf_scan('{vcf}')").to_arrow_record_batch_reader()


def write(peer, vcf, parquet):
    if peer == "polars-bio":
        import polars_bio

        polars_bio.scan_vcf(vcf).sink_parquet(parquet, compression="zstd")
        return
    import pyarrow.parquet

    writer = None
    for batch in batches_of(peer, vcf):
        writer = writer or pyarrow.parquet.ParquetWriter(parquet, batch.schema, compression="zstd")
        writer.write_batch(batch)
    writer.close()


write(*sys.argv[1:4])
