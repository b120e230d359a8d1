/* Montgomery products with mulx and two independent carry chains (adcx, adox).
 *
 *   void climbs_fr_multiply_adx(climbs_fr *r, const climbs_fr *a, const climbs_fr *b)    4 limbs
 *   void climbs_fq_multiply_adx(climbs_fq *r, const climbs_fq *a, const climbs_fq *b)    6 limbs
 *
 * Operand scanning: each row adds a b_i to the accumulator T0 ... and then m p, which clears its lowest limb; no
 * carry limb is needed because the moduli leave the top bits free. A row keeps one carry chain for low words (OF) and
 * one for high words (CF). */
#if defined(__x86_64__)

#define R %rdi
#define A %rsi
#define B %rcx
#define LOW %rax
#define HIGH %rbp
#define SPARE %rbx
#define T0 %r8
#define T1 %r9
#define T2 %r10
#define T3 %r11
#define T4 %r12
#define T5 %r13

        .text

/* (HIGH, t) += a_j b_i, the high word of the product before going in with CF. */
.macro ADD_PRODUCT j, t
        adcx    HIGH, \t
        mulx    8*\j(A), LOW, HIGH
        adox    LOW, \t
.endm

.macro ENTER
        push    %rbp
        push    %rbx
        push    %r12
        push    %r13
        mov     %rdx, B
.endm

.macro LEAVE
        pop     %r13
        pop     %r12
        pop     %rbx
        pop     %rbp
        ret
.endm

/* HIGH receives both carries that the row left. */
.macro COLLECT
        mov     $0, %eax
        adcx    LOW, HIGH
        adox    LOW, HIGH
.endm

/* Adds m p, with m such that T0 becomes 0, and moves every limb one place down. \field is fr or fq. */
.macro REDUCE_FIRST field
        mov     negative_inverse_\field(%rip), %rdx
        imul    T0, %rdx
        xor     %eax, %eax
        mulx    modulus_\field(%rip), LOW, SPARE
        adcx    T0, LOW
        mov     SPARE, T0
.endm

/* below += t + low(m p_j), t = high(m p_j). */
.macro REDUCE field, j, below, t
        adcx    \t, \below
        mulx    modulus_\field+8*\j(%rip), LOW, \t
        adox    LOW, \below
.endm

.macro REDUCE_LAST top
        mov     $0, %eax
        adcx    LOW, \top
        adox    HIGH, \top
.endm

.macro REDUCE_FR
        REDUCE_FIRST fr
        REDUCE  fr, 1, T0, T1
        REDUCE  fr, 2, T1, T2
        REDUCE  fr, 3, T2, T3
        REDUCE_LAST T3
.endm

.macro REDUCE_FQ
        REDUCE_FIRST fq
        REDUCE  fq, 1, T0, T1
        REDUCE  fq, 2, T1, T2
        REDUCE  fq, 3, T2, T3
        REDUCE  fq, 4, T3, T4
        REDUCE  fq, 5, T4, T5
        REDUCE_LAST T5
.endm

.macro ROW_FR i
        mov     8*\i(B), %rdx
        xor     %eax, %eax
        mulx    (A), LOW, HIGH
        adox    LOW, T0
        ADD_PRODUCT 1, T1
        ADD_PRODUCT 2, T2
        ADD_PRODUCT 3, T3
        COLLECT
        REDUCE_FR
.endm

.macro ROW_FQ i
        mov     8*\i(B), %rdx
        xor     %eax, %eax
        mulx    (A), LOW, HIGH
        adox    LOW, T0
        ADD_PRODUCT 1, T1
        ADD_PRODUCT 2, T2
        ADD_PRODUCT 3, T3
        ADD_PRODUCT 4, T4
        ADD_PRODUCT 5, T5
        COLLECT
        REDUCE_FQ
.endm

        .globl  climbs_fr_multiply_adx
        .type   climbs_fr_multiply_adx, @function
        .p2align 5
climbs_fr_multiply_adx:
        ENTER
        mov     (B), %rdx
        mulx    (A), T0, T1
        mulx    8(A), LOW, T2
        add     LOW, T1
        mulx    16(A), LOW, T3
        adc     LOW, T2
        mulx    24(A), LOW, HIGH
        adc     LOW, T3
        adc     $0, HIGH
        REDUCE_FR
        ROW_FR  1
        ROW_FR  2
        ROW_FR  3
        mov     T0, %rax
        mov     T1, %rdx
        mov     T2, %rcx
        mov     T3, %rsi
        sub     modulus_fr(%rip), %rax
        sbb     modulus_fr+8(%rip), %rdx
        sbb     modulus_fr+16(%rip), %rcx
        sbb     modulus_fr+24(%rip), %rsi
        cmovc   T0, %rax
        cmovc   T1, %rdx
        cmovc   T2, %rcx
        cmovc   T3, %rsi
        mov     %rax, (R)
        mov     %rdx, 8(R)
        mov     %rcx, 16(R)
        mov     %rsi, 24(R)
        LEAVE
        .size   climbs_fr_multiply_adx, .-climbs_fr_multiply_adx

        .globl  climbs_fq_multiply_adx
        .type   climbs_fq_multiply_adx, @function
        .p2align 5
climbs_fq_multiply_adx:
        ENTER
        mov     (B), %rdx
        mulx    (A), T0, T1
        mulx    8(A), LOW, T2
        add     LOW, T1
        mulx    16(A), LOW, T3
        adc     LOW, T2
        mulx    24(A), LOW, T4
        adc     LOW, T3
        mulx    32(A), LOW, T5
        adc     LOW, T4
        mulx    40(A), LOW, HIGH
        adc     LOW, T5
        adc     $0, HIGH
        REDUCE_FQ
        ROW_FQ  1
        ROW_FQ  2
        ROW_FQ  3
        ROW_FQ  4
        ROW_FQ  5
        mov     T0, %rax
        mov     T1, %rdx
        mov     T2, %rcx
        mov     T3, %rsi
        mov     T4, %rbx
        mov     T5, %rbp
        sub     modulus_fq(%rip), %rax
        sbb     modulus_fq+8(%rip), %rdx
        sbb     modulus_fq+16(%rip), %rcx
        sbb     modulus_fq+24(%rip), %rsi
        sbb     modulus_fq+32(%rip), %rbx
        sbb     modulus_fq+40(%rip), %rbp
        cmovc   T0, %rax
        cmovc   T1, %rdx
        cmovc   T2, %rcx
        cmovc   T3, %rsi
        cmovc   T4, %rbx
        cmovc   T5, %rbp
        mov     %rax, (R)
        mov     %rdx, 8(R)
        mov     %rcx, 16(R)
        mov     %rsi, 24(R)
        mov     %rbx, 32(R)
        mov     %rbp, 40(R)
        LEAVE
        .size   climbs_fq_multiply_adx, .-climbs_fq_multiply_adx

        .section .rodata
        .p2align 6
modulus_fq:
        .quad   0x8508c00000000001, 0x170b5d4430000000, 0x1ef3622fba094800
        .quad   0x1a22d9f300f5138f, 0xc63b05c06ca1493b, 0x01ae3a4617c510ea
negative_inverse_fq:
        .quad   0x8508bfffffffffff
        .p2align 6
modulus_fr:
        .quad   0x0a11800000000001, 0x59aa76fed0000001, 0x60b44d1e5c37b001, 0x12ab655e9a2ca556
negative_inverse_fr:
        .quad   0x0a117fffffffffff

#endif

#if defined(__linux__)
        .section .note.GNU-stack, "", @progbits
#endif
