version 1.0

# From paired reads and a reference to variant calls: align, sort, index, call.

workflow CallVariants {
  input {
    File reference
    File reads_1
    File reads_2
    String sample
    Int ploidy = 1
  }

  call Align {
    input:
      reference = reference,
      reads_1 = reads_1,
      reads_2 = reads_2,
      sample = sample
  }

  call Call {
    input:
      reference = reference,
      bam = Align.bam,
      bai = Align.bai,
      sample = sample,
      ploidy = ploidy
  }

  output {
    File bam = Align.bam
    File bai = Align.bai
    File vcf = Call.vcf
  }
}

task Align {
  input {
    File reference
    File reads_1
    File reads_2
    String sample
  }

  command <<<
    set -euo pipefail
    minimap2 -t 2 -ax sr -R '@RG\tID:~{sample}\tSM:~{sample}' ~{reference} ~{reads_1} ~{reads_2} \
      | samtools sort -@ 1 -o ~{sample}.bam -
    samtools index ~{sample}.bam
    samtools flagstat ~{sample}.bam
  >>>

  output {
    File bam = "~{sample}.bam"
    File bai = "~{sample}.bam.bai"
  }

  runtime {
    cpu: 2
    memory: "2 GiB"
  }
}

task Call {
  input {
    File reference
    File bam
    File bai
    String sample
    Int ploidy
  }

  command <<<
    set -euo pipefail
    ln -s ~{reference} reference.fasta
    samtools faidx reference.fasta
    bcftools mpileup -d 1000 -q 20 -Q 20 -a FORMAT/AD,FORMAT/DP -f reference.fasta ~{bam} \
      | bcftools call --ploidy ~{ploidy} -mv \
      | bcftools view -i 'QUAL>=30' -Oz -o ~{sample}.vcf.gz
    echo "$(bcftools view -H ~{sample}.vcf.gz | wc -l) variants called" >&2
  >>>

  output {
    File vcf = "~{sample}.vcf.gz"
  }

  runtime {
    cpu: 1
    memory: "1 GiB"
  }
}
