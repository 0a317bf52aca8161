"""Spark with Iceberg's own runtime reads the tables that clients.py made; started by clients.ts. SPARK_JARS is a folder of jars."""
import glob, os
from pyspark.sql import SparkSession
CATALOG='spark.sql.catalog.h'
settings={'spark.jars':','.join(glob.glob(os.environ['SPARK_JARS']+'/*.jar')),'spark.ui.enabled':'false','spark.driver.memory':'1g','spark.driver.host':'127.0.0.1','spark.driver.bindAddress':'127.0.0.1',
    CATALOG:'org.apache.iceberg.spark.SparkCatalog',CATALOG+'.type':'rest',CATALOG+'.uri':os.environ['AWS_ENDPOINT_URL']+'/iceberg',
    CATALOG+'.rest.sigv4-enabled':'true',CATALOG+'.rest.signing-name':'s3tables',CATALOG+'.rest.signing-region':os.environ['AWS_DEFAULT_REGION'],
    CATALOG+'.rest.access-key-id':os.environ['AWS_ACCESS_KEY_ID'],CATALOG+'.rest.secret-access-key':os.environ['AWS_SECRET_ACCESS_KEY'],
    CATALOG+'.io-impl':'org.apache.iceberg.aws.s3.S3FileIO',CATALOG+'.header.X-Iceberg-Access-Delegation':'vended-credentials'}
builder=SparkSession.builder.master('local[2]')
for name,value in settings.items(): builder=builder.config(name,value)
spark=builder.getOrCreate(); spark.sparkContext.setLogLevel('ERROR')
def same(name,found,expected):
    print(name,'OK' if found==expected else 'FAIL',found)
    assert found==expected,f'expected {expected}'
def rows(sql): return [tuple(row) for row in spark.sql(sql).collect()]
same('spark tables',sorted(name for _,name,_ in rows('SHOW TABLES IN h.trio')),['trio','trio_genotypes','trio_sites'])
same('spark rows',sorted(rows('SELECT contigname, count(*) FROM h.trio.trio GROUP BY 1')),[('20',982),('21',1168)])
same('spark maps and arrays',rows("SELECT contigname, start, calls, attributes['DP'] FROM h.trio.trio WHERE contigname='21' ORDER BY start LIMIT 1"),[('21',10002402,[0,1],'9')])
same('spark time travel',rows('SELECT count(*) FROM h.trio.trio VERSION AS OF 1'),[(1075,)])
same('spark metadata tables',rows('SELECT snapshot_id, operation FROM h.trio.trio.snapshots'),[(1,'append'),(2,'append')])
same('spark nested',rows('SELECT DISTINCT v.symbol FROM h.vepstore.vepstore_sites LATERAL VIEW explode(annotations.vep) t AS v LIMIT 1'),[('CHEK2',)])
same('spark partitions of a contig that is there',spark.sql("SELECT * FROM h.trio.trio WHERE contigname='21'").rdd.getNumPartitions()>0,True)
same('spark partitions of a contig that is not there',spark.sql("SELECT * FROM h.trio.trio WHERE contigname='7'").rdd.getNumPartitions(),0)
