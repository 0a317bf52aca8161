"""PyAthena, awswrangler and PyIceberg, unmodified, against a fresh server; started by clients.ts. Ends with 1 where one fails."""
import os, sys, json, time
failed = []
import boto3
ep=os.environ['AWS_ENDPOINT_URL']; region=os.environ['AWS_DEFAULT_REGION']
from botocore.config import Config
omics=boto3.client('omics',config=Config(inject_host_prefix=False)); s3=boto3.client('s3'); iam=boto3.client('iam')
s3.create_bucket(Bucket='clients-example')
for n in ('vep-loftee.vcf','CEUTrio.NA12878.20.21.vcf'): s3.upload_file(os.path.join(os.environ['SHARED_DATA'],'human',n),'clients-example',n)
trust=json.dumps({'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'Service':'omics.amazonaws.com'},'Action':'sts:AssumeRole'}]})
role=iam.create_role(RoleName='imp',AssumeRolePolicyDocument=trust)['Role']['Arn']
pol=json.dumps({'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'*','Resource':'*'}]})
iam.put_role_policy(RoleName='imp',PolicyName='all',PolicyDocument=pol)
s3.put_object(Bucket='clients-example',Key='ref.fa',Body=b'>22\n'+b'ACGT'*25+b'\n')
rs=omics.create_reference_store(name='rs')['id']
job=omics.start_reference_import_job(referenceStoreId=rs,roleArn=role,sources=[{'sourceFile':'s3://clients-example/ref.fa','name':'ref'}])['id']
for _ in range(200):
    st=omics.get_reference_import_job(referenceStoreId=rs,id=job)
    if st['status'] in ('COMPLETED','FAILED'): break
    time.sleep(.2)
ref=omics.list_references(referenceStoreId=rs)['references'][0]['arn']
for store,files in (('vepstore',['vep-loftee.vcf']),('trio',['CEUTrio.NA12878.20.21.vcf','CEUTrio.NA12878.20.21.vcf'])):
    omics.create_variant_store(name=store,reference={'referenceArn':ref})
    for _ in range(100):
        if omics.get_variant_store(name=store)['status']=='ACTIVE': break
        time.sleep(.1)
    for f in files:
        j=omics.start_variant_import_job(destinationName=store,roleArn=role,items=[{'source':f's3://clients-example/{f}'}])['jobId']
        for _ in range(300):
            d=omics.get_variant_import_job(jobId=j)
            if d['status'] not in ('SUBMITTED','IN_PROGRESS'): break
            time.sleep(.2)
        print(store,f,d['status'],d.get('statusMessage'))
SQL='''SELECT "contigname","start","end","referenceallele","vepentries"."allele","vepentries"."impact","vepentries"."symbol","vepentries"."consequence"
FROM "vepstore"."vepstore" CROSS JOIN UNNEST("annotations"."vep") AS t(vepentries) where contains("vepentries"."consequence", 'missense_variant') limit 10'''
def t(name,f):
    try: print(name,'OK',f())
    except Exception as e: failed.append(name); print(name,'FAIL',type(e).__name__,str(e)[:600])
from pyathena import connect
from pyathena.pandas.cursor import PandasCursor
def pa():
    c=connect(s3_staging_dir='s3://clients-example/results/',region_name=region,endpoint_url=ep).cursor(); c.execute(SQL); r=c.fetchall(); return len(r),r[0][:7]
t('pyathena',pa)
def pa2():
    c=connect(s3_staging_dir='s3://clients-example/results/',region_name=region,endpoint_url=ep).cursor(); c.execute("SELECT count(*) FROM trio WHERE contigname = %(c)s and start > %(n)d",{'c':'20','n':5}); return c.fetchall()
t('pyathena params',pa2)
def pa3():
    c=connect(s3_staging_dir='s3://clients-example/results/',region_name=region,endpoint_url=ep,cursor_class=PandasCursor).cursor(); return c.execute("SELECT contigname, start, qual FROM trio LIMIT 3").as_pandas().shape
t('pyathena pandas',pa3)
import awswrangler as wr
wr.config.athena_endpoint_url=ep; wr.config.s3_endpoint_url=ep; wr.config.glue_endpoint_url=ep; wr.config.sts_endpoint_url=ep
t('awswrangler',lambda: wr.athena.read_sql_query(SQL,database='vepstore',ctas_approach=False,s3_output='s3://clients-example/wr/').shape)
t('awswrangler catalog',lambda: wr.catalog.tables(database='trio').shape)
t('awswrangler types',lambda: len(wr.catalog.get_table_types(database='trio',table='trio')))
from pyiceberg.catalog import load_catalog
def ice():
    cat=load_catalog('h',**{'type':'rest','uri':ep+'/iceberg','rest.sigv4-enabled':'true','rest.signing-name':'s3tables','rest.signing-region':region,'s3.access-key-id':os.environ['AWS_ACCESS_KEY_ID'],'s3.secret-access-key':os.environ['AWS_SECRET_ACCESS_KEY'],'py-io-impl':'pyiceberg.io.pyarrow.PyArrowFileIO'})
    print(cat.list_namespaces()[:4], cat.list_tables('trio'))
    tb=cat.load_table('trio.trio'); print([ (s.snapshot_id,s.sequence_number) for s in tb.snapshots()])
    n=tb.scan().to_arrow().num_rows
    n1=tb.scan(snapshot_id=1).to_arrow().num_rows
    f=tb.scan(row_filter="contigname == '21'",selected_fields=('contigname','start','calls','attributes')).to_arrow().num_rows
    pruned=len(list(tb.scan(row_filter="contigname == '7'").plan_files()))
    v=cat.load_table('vepstore.vepstore_sites').scan().to_arrow(); g=cat.load_table('vepstore.vepstore_genotypes').scan(selected_fields=('site','sampleid','calls')).to_arrow().num_rows
    return n,n1,f,'files for a contig that is not there:',pruned,'sites',v.num_rows,g, v['annotations'][0].as_py()['vep'][0]['symbol']
t('pyiceberg',ice)
def vended():
    cat=load_catalog('h',**{'type':'rest','uri':ep+'/iceberg','rest.sigv4-enabled':'true','rest.signing-name':'s3tables','rest.signing-region':region,'py-io-impl':'pyiceberg.io.pyarrow.PyArrowFileIO'})
    tb=cat.load_table('trio.trio'); other=cat.load_table('vepstore.vepstore_sites')
    assert tb.io.properties['s3.session-token'] and tb.io.properties['s3.access-key-id']!=os.environ['AWS_ACCESS_KEY_ID']
    n=tb.scan().to_arrow().num_rows
    try: tb.io.new_input(other.metadata_location).open().read()
    except OSError as e: assert 'ACCESS_DENIED' in str(e) or 'AccessDenied' in str(e) or 'Forbidden' in str(e), e; return n,'another table refused'
    raise AssertionError('read the metadata of another table')
t('pyiceberg, credentials of the catalog',vended)
sys.exit(1 if failed else 0)
